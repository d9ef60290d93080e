// The editor of decision tables and of the graph that joins them; who may only look gets the same without tools.
import { CamundaCloudModeler } from 'camunda-dmn-js';
import Viewer from 'dmn-js/lib/NavigatedViewer';
import 'camunda-dmn-js/dist/assets/camunda-cloud-modeler.css';
import './editors.css';
import './tables.css';
import { DecisionTrial } from './decision-trial.js';
import { translateTexts } from './library-words.js';
import { ProjectFile } from './project-file.js';
import { showProblems } from './problem-list.js';
import { marking } from './row-marks.js';
import { t } from './words.js';

/** Where the editor's own words stand; what people wrote is left alone. */
const OWN_WORDS = '.dmn-decision-table-container thead, .create-inputs, .add-rule, .view-drd, .context-menu, .dms-menu, ' +
  '.hit-policy, .dms-hint, .dms-label, .bio-properties-panel, .djs-palette, .djs-context-pad, .input-label, .output-label, .input-edit, .output-edit, .dms-container';
const POLICIES = {
  UNIQUE: 'One rule at most applies.',
  FIRST: 'The first rule that applies decides.',
  PRIORITY: 'Of the rules that apply, the one whose result ranks highest decides.',
  ANY: 'Several rules may apply, all with the same result.',
  COLLECT: 'The results of all rules that apply are collected.',
  'RULE ORDER': 'The results of all rules that apply are listed, in the order of the rules.',
  'OUTPUT ORDER': 'The results of all rules that apply are listed, the highest ranked first.'
};
const AGGREGATIONS = {
  SUM: 'The results of all rules that apply are added up.',
  MIN: 'The smallest result of all rules that apply counts.',
  MAX: 'The largest result of all rules that apply counts.',
  COUNT: 'The rules that apply are counted.'
};

async function open(root) {
  const isReadonly = 'readonly' in root.dataset || matchMedia('(max-width: 699px)').matches;
  const modeler = isReadonly ? new Viewer({ container: root.querySelector('[data-canvas]') }) : new CamundaCloudModeler({
    container: root.querySelector('[data-canvas]'),
    drd: { propertiesPanel: { parent: root.querySelector('[data-panel]') } }
  });
  const markWrong = marking(root, 'wrong'), markFired = marking(root, 'fired');
  const file = new ProjectFile(root, {
    read: async () => (await modeler.saveXML({ format: true })).xml,
    onProblems: problems => {
      showProblems(root, problems, id => showElement(modeler, root, id));
      markWrong(problems.filter(({ resource }) => resource === root.dataset.name).map(({ element, message }) => [ element, message ]));
    }
  });
  const { text } = JSON.parse(root.querySelector('[data-content]').textContent);
  await modeler.importXML(file.unsaved() ?? text);
  await file.opened();
  const first = modeler.getViews().find(({ type }) => type !== 'drd');
  if (first) await modeler.open(first);
  translateTexts(root, OWN_WORDS);
  const trial = new DecisionTrial(root, { content: () => file.written(), decision: () => decisionOf(modeler), onMade: markFired });

  const heard = new WeakSet();
  const follow = () => {
    drawViews(modeler, root.querySelector('[data-views]'));
    tellPolicy(modeler, root.querySelector('[data-policy]'));
    root.classList.toggle('is-graph', modeler.getActiveView()?.type === 'drd');
    trial.ask();
    const events = modeler.getActiveViewer()?.get('eventBus');
    if (!events || heard.has(events)) return;
    heard.add(events);
    events.on('commandStack.changed', () => {
      file.changed();
      tellPolicy(modeler, root.querySelector('[data-policy]'));
      trial.ask();
    });
  };
  modeler.on('views.changed', follow);
  follow();
  await file.check();
  root.dataset.ready = '';
}

const decisionOf = modeler => {
  const view = modeler.getActiveView();
  return view && view.type !== 'drd' ? view.element.id : null;
};

/** Tables first; the graph that joins them is the last choice. */
function drawViews(modeler, place) {
  const active = modeler.getActiveView(), views = modeler.getViews();
  place.replaceChildren(...[ ...views.filter(({ type }) => type !== 'drd'), ...views.filter(({ type }) => type === 'drd') ].map(view => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = view.type === 'drd' ? t('How they hang together') : view.element.name ?? view.id;
    button.setAttribute('aria-pressed', String(active?.id === view.id && active?.type === view.type));
    button.addEventListener('click', () => modeler.open(view));
    return button;
  }));
}

function tellPolicy(modeler, place) {
  const logic = modeler.getActiveView()?.element.decisionLogic;
  const isTable = logic?.$instanceOf?.('dmn:DecisionTable');
  place.hidden = !isTable;
  if (isTable) place.textContent = t(AGGREGATIONS[logic.aggregation] ?? POLICIES[logic.hitPolicy ?? 'UNIQUE']);
}

/** Opens the decision that an element belongs to and brings its row into view. */
async function showElement(modeler, root, id) {
  const holds = (value, depth = 0) => value?.id === id || depth < 8 && Object.entries(value ?? {}).some(([ name, inner ]) =>
    !name.startsWith('$') && (Array.isArray(inner) ? inner : [ inner ]).some(each => each?.$type && holds(each, depth + 1)));
  const view = modeler.getViews().find(each => each.type !== 'drd' && holds(each.element));
  if (!view) return;
  if (modeler.getActiveView() !== view) await modeler.open(view);
  root.querySelector(`[data-row-id="${CSS.escape(id)}"], [data-element-id="${CSS.escape(id)}"], [data-col-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' });
}

const root = document.querySelector('[data-tables]');
if (root) open(root);
