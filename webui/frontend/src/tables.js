// The editor of decision tables and of the graph that joins them.
import { CamundaCloudModeler } from 'camunda-dmn-js';
import 'camunda-dmn-js/dist/assets/camunda-cloud-modeler.css';
import './editors.css';
import { ProjectFile } from './project-file.js';
import { showProblems } from './problem-list.js';

open(document.querySelector('[data-tables]'));

async function open(root) {
  const modeler = new CamundaCloudModeler({
    container: root.querySelector('[data-canvas]'),
    drd: { propertiesPanel: { parent: root.querySelector('[data-panel]') } }
  });
  const file = new ProjectFile(root, {
    read: async () => (await modeler.saveXML({ format: true })).xml,
    onProblems: problems => showProblems(root, problems)
  });
  const { text } = JSON.parse(root.querySelector('[data-content]').textContent);
  await modeler.importXML(file.unsaved() ?? text);
  const views = root.querySelector('[data-views]');
  const draw = () => drawViews(modeler, views);
  modeler.on('views.changed', draw);
  const table = modeler.getViews().find(view => view.type === 'decisionTable');
  if (table) await modeler.open(table);
  draw();
  const heard = new WeakSet();
  const listen = () => {
    const stack = modeler.getActiveViewer()?.get('eventBus');
    if (!stack || heard.has(stack)) return;
    heard.add(stack);
    stack.on('commandStack.changed', () => file.changed());
  };
  modeler.on('views.changed', listen);
  listen();
  await file.check();
  root.dataset.ready = '';
}

function drawViews(modeler, place) {
  const active = modeler.getActiveView();
  place.replaceChildren(...modeler.getViews().map(view => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = view.element.name ?? view.id;
    button.setAttribute('aria-pressed', String(active?.id === view.id && active?.type === view.type));
    button.addEventListener('click', () => modeler.open(view));
    return button;
  }));
}
