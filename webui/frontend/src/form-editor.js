// The form editor of a project. It stands on an older form viewer than the pages of staff, whose style sheets do not mix: what
// staff will see is shown beside it, on a page of its own in a frame.
import { FormEditor } from '@bpmn-io/form-js-editor';
import 'form-js-viewer-1/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css';
import '@bpmn-io/draggle/dist/draggle.css';
import './editors.css';
import './form-editor.css';
import { translateTexts } from './library-words.js';
import { ProjectFile } from './project-file.js';
import { showProblems } from './problem-list.js';

const SHOW_AFTER_MS = 200;
/** Where the editor's own words stand; the words of the form itself stay as they are. */
const OWN_WORDS = '.fjs-palette-container, .fjs-properties-container, .fjs-empty-editor';

async function open(root) {
  const { text } = JSON.parse(root.querySelector('[data-content]').textContent);
  const editor = new FormEditor({ container: root.querySelector('[data-canvas]'), exporter: JSON.parse(text).exporter });
  const file = new ProjectFile(root, {
    read: async () => `${JSON.stringify(editor.saveSchema(), null, 2)}\n`,
    onProblems: problems => showAtFields(root, editor, problems)
  });
  const preview = new Preview(root, () => editor.getSchema());
  await editor.importSchema(JSON.parse(file.unsaved() ?? text));
  await file.opened();
  editor.on('commandStack.changed', () => { file.changed(); preview.show(); });
  translateTexts(root.querySelector('[data-canvas]'), OWN_WORDS);
  preview.show();
  await file.check();
  root.dataset.ready = '';
}

/** The problems of this form at its fields, all problems below. */
function showAtFields(root, editor, problems) {
  const select = id => {
    const field = editor.get('formFieldRegistry').get(id);
    if (!field) return;
    editor.get('selection').set(field);
    root.querySelector(`[data-canvas] [data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' });
  };
  showProblems(root, problems, select);
  const wrong = new Set(problems.filter(({ resource }) => resource === root.dataset.name).map(({ element }) => element));
  // the editor draws its fields anew as it likes, so they are marked by a style rather than on the spot
  const style = root.querySelector('[data-marks]') ?? root.appendChild(Object.assign(document.createElement('style')));
  style.dataset.marks = '';
  style.textContent = [ ...wrong ].filter(Boolean)
    .map(id => `.fjs-form-editor [data-id="${CSS.escape(id)}"] { outline: 2px solid #c02020; outline-offset: 1px; }`).join('\n');
}

/** The form as staff will see it. */
class Preview {
  constructor(root, schema) {
    this.schema = schema;
    this.frame = root.querySelector('[data-preview]');
    addEventListener('message', ({ origin, source }) => {
      if (origin !== location.origin || source !== this.frame.contentWindow) return;
      this.isReady = true;
      this.send();
    });
    for (const button of root.querySelectorAll('[data-width]')) {
      button.addEventListener('click', () => {
        this.frame.style.maxWidth = button.dataset.width;
        for (const each of root.querySelectorAll('[data-width]')) each.setAttribute('aria-pressed', String(each === button));
      });
    }
    this.frame.src = this.frame.dataset.preview;
  }

  show() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.send(), SHOW_AFTER_MS);
  }

  send() {
    if (this.isReady) this.frame.contentWindow.postMessage({ schema: JSON.parse(JSON.stringify(this.schema())) }, location.origin);
  }
}

const root = document.querySelector('[data-form-editor]');
if (root) open(root);
