// Forms: a form-js schema with its data, filled in and sent to the server.
//   <div data-form data-action="/tasks/5/complete" [data-draft-url="/tasks/5/draft" data-draft-saved-at="2025-…Z"]
//        data-storage="task-5-of-3" [data-readonly]>
//     <script type="application/json">{"schema": {…}, "data": {…}, "draft": {…} or null}</script>
//     <div class="actions"><button type="button" class="button primary" data-form-submit data-key="e">Send decision</button></div>
//   </div>
// The server answers { location }, or { message, problems: [{ message, field, element }] }. The fields, the message and the
// state of the draft are put before and after the button. With data-draft-url the draft is kept on the server.
import { Form } from '@bpmn-io/form-js-viewer';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import './form.css';
import { Draft } from './form-draft.js';
import { accessibleFields } from './form-fields.js';
import { translation } from './form-words.js';
import { FormMessage } from './form-message.js';
import { isDone, post } from './requests.js';
import { t } from './words.js';

for (const root of document.querySelectorAll('[data-form]')) open(root);

async function open(root) {
  // who presses the button before all is loaded is not forgotten
  let isReady, isSending = false;
  const ready = new Promise(resolve => isReady = resolve);
  root.querySelector('[data-form-submit]')?.addEventListener('click', () => ready.then(() => form.submit()));

  const { schema, data, draft: saved } = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const message = new FormMessage(root);
  const fields = root.insertBefore(document.createElement('div'), root.querySelector('script'));
  const draft = new Draft(root, message);
  // debounce off: by default a field reports on blur; its message then vanishes while the next click is on its way, the
  // page shifts, and the click misses
  const form = new Form({ container: fields, debounce: false, additionalModules: [ accessibleFields, await translation() ] });
  const fill = ({ values, isOnServer }) => form.importSchema(schema, { ...data, ...values }).then(() => draft.begin(isOnServer));

  await fill(draft.latest(saved, fill));
  if ('readonly' in root.dataset) {
    form.setProperty('readOnly', true);
    return;
  }
  // the library has no public way to read what was typed without checking it
  form.on('field.updated', () => queueMicrotask(() => draft.changed(form._getSubmitData())));
  form.on('submit', ({ data, errors }) => submit(data, errors));
  root.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.submit();
  });
  isReady();

  async function submit(values, errors) {
    if (isSending) return;
    if (Object.keys(errors).length) return message.askForCorrection();
    isSending = true;
    setBusy(true);
    await draft.pause();
    const { status, reply } = await post(root.dataset.action, values);
    if (isDone(status)) {
      draft.forget();
      message.clear();
      location.assign(reply.location ?? location.href);
      return;
    }
    isSending = false;
    setBusy(false);
    draft.keep(values);
    refuse(status, reply);
  }

  function refuse(status, reply) {
    const problems = reply.problems ?? [];
    form._setState({ errors: errorsOf(problems.filter(isAtField)) });
    if (status === 422 && problems.some(isAtField)) {
      message.askForCorrection(problems.filter(problem => !isAtField(problem)).map(problem => problem.message));
      draft.resume();
      return;
    }
    message.refuse(status, reply);
    // the task is somebody else's or gone: saving its draft would be refused again and again
    if (![ 403, 404, 409, 410 ].includes(status)) draft.resume();
  }

  const isAtField = problem => problem.element && form.get('formFieldRegistry').get(problem.element);

  function setBusy(isBusy) {
    const button = root.querySelector('[data-form-submit]');
    button?.setAttribute('aria-busy', isBusy);
    if (isBusy) message.tell('saving', t('Sending …')); else message.tell('', '');
  }
}

/** The server's problems as the form viewer keeps its own: by component, and by row where it repeats. */
function errorsOf(problems) {
  const errors = {};
  for (const { element, field = [], message } of problems) {
    const path = [ element, ...field.filter(Number.isInteger) ];
    const last = path.pop();
    const place = path.reduce((inner, step) => inner[step] ??= {}, errors);
    (place[last] ??= []).push(message);
  }
  return errors;
}
