// A form as staff see it, with example data: drawn by the viewer of their pages, fed by the editor around it.
//   <div data-form-preview><script type="application/json">{"schema": {…}}</script></div>
import { Form } from '@bpmn-io/form-js-viewer';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import './form.css';
import { exampleData } from './form-examples.js';
import { accessibleFields } from './form-fields.js';
import { translation } from './form-words.js';

for (const root of document.querySelectorAll('[data-form-preview]')) open(root);

async function open(root) {
  const { schema } = JSON.parse(root.querySelector('script').textContent);
  const form = new Form({ container: root, debounce: false, additionalModules: [ accessibleFields, await translation() ] });
  let typed = {};
  const show = async schema => {
    await form.importSchema(schema, { ...exampleData(schema), ...typed });
    form.on('field.updated', () => queueMicrotask(() => typed = form._getState().data));
  };
  await show(schema);
  addEventListener('message', ({ origin, data }) => {
    if (origin === location.origin && data?.schema) show(data.schema);
  });
  if (parent !== window) parent.postMessage('ready', location.origin);
}
