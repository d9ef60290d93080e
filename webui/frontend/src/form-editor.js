// The form editor of a project. It stands on an older form viewer than the pages of staff, whose style sheets do not mix.
import { FormEditor } from '@bpmn-io/form-js-editor';
import 'form-js-viewer-1/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css';
import '@bpmn-io/draggle/dist/draggle.css';
import './editors.css';
import { ProjectFile } from './project-file.js';
import { showProblems } from './problem-list.js';

open(document.querySelector('[data-form-editor]'));

async function open(root) {
  const editor = new FormEditor({ container: root.querySelector('[data-canvas]') });
  const file = new ProjectFile(root, {
    read: async () => `${JSON.stringify(editor.saveSchema(), null, 2)}\n`,
    onProblems: problems => showProblems(root, problems)
  });
  const { text } = JSON.parse(root.querySelector('[data-content]').textContent);
  await editor.importSchema(JSON.parse(file.unsaved() ?? text));
  editor.on('commandStack.changed', () => file.changed());
  await file.check();
  root.dataset.ready = '';
}
