// The diagram editor of a project: bpmn-js for the zeebe: dialect, as far as our engine runs it.
import Modeler from 'bpmn-js/lib/Modeler';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, ZeebeTooltipProvider } from 'bpmn-js-properties-panel';
import zeebeModdle from 'zeebe-bpmn-moddle/resources/zeebe.json';
import modelerModdle from 'modeler-moddle/resources/modeler.json';
import zeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import { CloudElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import ElementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import { CreateAppendAnythingModule, CreateAppendElementTemplatesModule } from 'bpmn-js-create-append-anything';
import tokenSimulationModule from 'bpmn-js-token-simulation';
import minimapModule from 'diagram-js-minimap';
import colorPickerModule from 'bpmn-js-color-picker';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-element-templates/dist/assets/element-templates.css';
import '@bpmn-io/element-template-chooser/dist/element-template-chooser.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';
import './editors.css';
import './modeler.css';
import { ProjectFile } from './project-file.js';
import { Writer } from './modeler/extensions.js';
import engineProfile from './modeler/engine-profile.js';
import panel from './modeler/panel.js';
import variables from './modeler/variables.js';
import sharedClipboard from './modeler/clipboard.js';
import quickFixes from './modeler/quick-fixes.js';
import { askHoldings } from './modeler/holdings.js';
import { elementTemplates } from './modeler/page-data.js';
import { Problems } from './modeler/problems.js';
import { DiagramText } from './modeler/saving.js';
import { couldNotDraw, fitted, sayOnCanvas, Toolbar } from './modeler/toolbar.js';
import { translationModule } from './modeler/translation.js';

const MODDLE = { zeebe: zeebeModdle, modeler: modelerModdle };
const PHONE = '(max-width: 800px)';

const root = document.querySelector('[data-modeler]');
const isReadonly = 'readonly' in root.dataset || matchMedia(PHONE).matches;
(isReadonly ? look(root) : draw(root)).catch(error => {
  sayOnCanvas(root, couldNotDraw(), error.message);
  root.dataset.broken = '';
});

/** Shows the diagram without tools: to who may not change it, and on a phone. */
async function look(root) {
  root.dataset.looks = '';
  const viewer = new NavigatedViewer({ container: root.querySelector('[data-canvas]'), moddleExtensions: MODDLE, additionalModules: [ await translationModule() ] });
  await viewer.importXML(textOf(root));
  viewer.get('canvas').zoom('fit-viewport', 'auto');
  root.dataset.ready = '';
}

async function draw(root) {
  const modeler = await made(root);
  const text = new DiagramText(modeler), problems = new Problems(modeler, root, root.dataset.name);
  let toolbar;
  const file = new ProjectFile(root, {
    read: () => text.read(),
    checkBy: () => ({ house_rules: toolbar?.rules ?? [] }),
    onProblems: found => problems.show(found)
  });
  toolbar = new Toolbar(modeler, root, { onRules: () => file.check() });
  modeler.on('casewright.said', ({ text }) => file.say(text, 'wrong'));
  modeler.on('elementTemplates.errors', ({ errors }) => file.say(errors.map(each => each.message).join(' '), 'wrong'));
  modeler.get('elementTemplatesLoader').setTemplates(elementTemplates);
  await Promise.all([ text.open(file.unsaved() ?? textOf(root)), askHoldings(root.dataset.variables) ]);
  fitted(modeler);
  modeler.on('commandStack.changed', () => file.changed());
  root.dataset.ready = '';
  await file.check();
  root.dataset.checked = '';
}

async function made(root) {
  return new Modeler({
    container: root.querySelector('[data-canvas]'),
    propertiesPanel: { parent: root.querySelector('[data-panel]'), tooltip: ZeebeTooltipProvider },
    project: { variables: root.dataset.variables, forms: root.dataset.forms, isReadonly },
    moddleExtensions: MODDLE,
    additionalModules: [
      BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, zeebeBehaviors,
      CloudElementTemplatesPropertiesProviderModule, ElementTemplateChooserModule, CreateAppendAnythingModule,
      CreateAppendElementTemplatesModule, tokenSimulationModule, minimapModule, colorPickerModule,
      { writer: [ 'type', Writer ] }, engineProfile, panel, variables, sharedClipboard, quickFixes, await translationModule()
    ]
  });
}

function textOf(root) {
  return JSON.parse(root.querySelector('[data-content]').textContent).text;
}
