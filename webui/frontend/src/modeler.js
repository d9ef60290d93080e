// The diagram editor of a project: bpmn-js with its properties panel for the zeebe: dialect.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, ZeebeTooltipProvider } from 'bpmn-js-properties-panel';
import zeebeModdle from 'zeebe-bpmn-moddle/resources/zeebe.json';
import modelerModdle from 'modeler-moddle/resources/modeler.json';
import zeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import { ZeebeVariableResolverModule } from '@bpmn-io/variable-resolver';
import minimapModule from 'diagram-js-minimap';
import colorPickerModule from 'bpmn-js-color-picker';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import './editors.css';
import { ProjectFile } from './project-file.js';
import { showProblems } from './problem-list.js';

const root = document.querySelector('[data-modeler]');
open(root);

async function open(root) {
  const modeler = new Modeler({
    container: root.querySelector('[data-canvas]'),
    propertiesPanel: { parent: root.querySelector('[data-panel]'), tooltip: ZeebeTooltipProvider },
    moddleExtensions: { zeebe: zeebeModdle, modeler: modelerModdle },
    additionalModules: [
      BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, zeebeBehaviors,
      CreateAppendAnythingModule, ZeebeVariableResolverModule, minimapModule, colorPickerModule
    ]
  });
  const file = new ProjectFile(root, {
    read: async () => (await modeler.saveXML({ format: true })).xml,
    onProblems: problems => showProblems(root, problems)
  });
  const { text } = JSON.parse(root.querySelector('[data-content]').textContent);
  await modeler.importXML(file.unsaved() ?? text);
  modeler.get('canvas').zoom('fit-viewport', 'auto');
  modeler.on('commandStack.changed', () => file.changed());
  await file.check();
  root.dataset.ready = '';
}
