// What mends a problem by one click, where it is obvious what to do.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { deadlineText } from './durations.js';
import { extension } from './extensions.js';
import { addForm, askHoldings, holdings } from './holdings.js';

/** What to do about a rule's problem: [words, name of the act]; the acts are below. */
const FIXES = {
  'no-default': [ 'Take the last way when nothing else holds', 'makeDefault' ],
  'house-defaults': [ 'Take the last way when nothing else holds', 'makeDefault' ],
  'default-with-condition': [ 'Take its condition away', 'dropCondition' ],
  'condition-not-asked': [ 'Take its condition away', 'dropCondition' ],
  'nobody-sees-task': [ 'Choose who does it', 'chooseGroup' ],
  'house-deadlines': [ 'Two days', 'giveTwoDays' ],
  'house-instructions': [ 'Write them', 'writeInstructions' ],
  'house-names': [ 'Name it', 'rename' ],
  'house-questions': [ 'Write the question', 'rename' ],
  'house-answers': [ 'Write the answer', 'rename' ],
  'house-patience': [ 'Add a timer', 'addTimer' ],
  'nothing-executable': [ 'Mark it', 'makeExecutable' ],
  'names-nothing': [ 'Make the form', 'makeForm' ],
  'boundary-without-way': [ 'Let it end here', 'addEnd' ]
};

export class QuickFixes {
  constructor(elementRegistry, modeling, writer, autoPlace, elementFactory, directEditing, panelPlaces, newForm) {
    Object.assign(this, { elementRegistry, modeling, writer, autoPlace, elementFactory, directEditing, panelPlaces, newForm });
  }

  /** { words, act } for a problem, or null. */
  of(problem) {
    const element = problem.element && this.elementRegistry.get(problem.element), fix = FIXES[problem.rule];
    if (problem.rule === 'names-nothing' && !formOf(element)) return null;
    return element && fix ? { words: t(fix[0]), act: () => this[fix[1]](element) } : null;
  }

  makeDefault(gateway) {
    const flows = getBusinessObject(gateway).get('outgoing');
    const flow = [ ...flows ].reverse().find(each => !each.get('conditionExpression')) ?? flows.at(-1);
    this.modeling.updateProperties(gateway, { default: flow });
  }

  dropCondition(flow) {
    this.writer.set(flow, { conditionExpression: undefined });
  }

  chooseGroup(task) {
    this.panelPlaces.show(task, 'nobody-sees-task');
  }

  giveTwoDays(task) {
    this.writer.setExtension(task, 'zeebe:TaskSchedule', { dueDate: deadlineText({ number: 2, unit: 'PD' }) });
    this.panelPlaces.show(task, 'house-deadlines');
  }

  writeInstructions(element) {
    this.panelPlaces.show(element, 'house-instructions');
  }

  rename(element) {
    this.panelPlaces.show(element, 'house-names');
    this.directEditing.activate(element);
  }

  /** A timer at the edge of a task, and an end behind it to be drawn on from. */
  addTimer(element) {
    const timer = this.elementFactory.createShape({ type: 'bpmn:BoundaryEvent', eventDefinitionType: 'bpmn:TimerEventDefinition', cancelActivity: false });
    if (!is(element, 'bpmn:Activity')) {
      this.panelPlaces.show(element, 'house-patience');
      return;
    }
    const place = { x: element.x + element.width - 20, y: element.y + element.height };
    const made = this.modeling.createShape(timer, place, element, { attach: true });
    this.autoPlace.append(made, this.elementFactory.createShape({ type: 'bpmn:EndEvent' }));
    this.panelPlaces.show(made, 'timer-without-time');
  }

  makeExecutable(element) {
    const process = getBusinessObject(element);
    this.writer.set(element, { isExecutable: true }, process.get('processRef') ?? process);
  }

  makeForm(task) {
    this.newForm.make(task, formOf(task));
  }

  addEnd(element) {
    this.autoPlace.append(element, this.elementFactory.createShape({ type: 'bpmn:EndEvent' }));
  }
}
QuickFixes.$inject = [ 'elementRegistry', 'modeling', 'writer', 'autoPlace', 'elementFactory', 'directEditing', 'panelPlaces', 'newForm' ];

/** The id of a form that a task names and the project has not. */
function formOf(element) {
  const id = element && is(element, 'bpmn:FlowNode') && extension(element, 'zeebe:FormDefinition')?.get('formId');
  return id && !id.startsWith('=') && !holdings.forms.some(each => each.id === id) ? id : undefined;
}

/** A new form for a task, as a file of the project. */
export class NewForm {
  constructor(writer, eventBus, project) {
    Object.assign(this, { writer, eventBus, project });
    this.isAllowed = !project.isReadonly;
  }

  async make(element, wished) {
    const name = wished ?? getBusinessObject(element).get('name')?.replace(/\s+/g, ' ') ?? '';
    const { status, reply } = await addForm(this.project.forms, name);
    if (status !== 200) {
      this.eventBus.fire('casewright.said', { text: reply.message ?? t('The server is out of reach.') });
      return;
    }
    await askHoldings(this.project.variables);
    this.writer.setExtension(element, 'zeebe:FormDefinition', { formId: reply.id });
  }
}
NewForm.$inject = [ 'writer', 'eventBus', 'config.project' ];

// Where in the panel a problem is mended: the entry in the plain view, and in the expert's.
const PLACES = [
  [ /^nobody-sees/, 'who-groups', 'assignmentDefinitionCandidateGroups' ],
  [ /deadline/, 'deadline-due', 'taskScheduleDueDate' ],
  [ /instructions/, 'documentation', 'documentation' ],
  [ /form/, 'form-id', 'formId' ],
  [ /way-without-condition|condition/, 'way-condition', 'conditionExpression' ],
  [ /default/, 'way-default', 'conditionExpression' ],
  [ /timer/, 'when-after', 'timerEventDefinitionValue' ],
  [ /correlation/, 'messageSubscriptionCorrelationKey', 'messageSubscriptionCorrelationKey' ],
  [ /event-without-name/, 'messageRef', 'messageRef' ],
  [ /task-without-work/, 'taskDefinitionType', 'taskDefinitionType' ],
  [ /name/, 'name', 'name' ]
];

/** Selects an element, brings it into view, and opens the panel where its problem is mended. */
export class PanelPlaces {
  constructor(selection, canvas, elementRegistry, eventBus, face) {
    Object.assign(this, { selection, canvas, elementRegistry, eventBus, face });
  }

  show(element, rule = '') {
    const shape = this.canvas.findRoot(element) === element ? null : element;
    if (this.canvas.findRoot(element) && this.canvas.findRoot(element) !== this.canvas.getRootElement()) this.canvas.setRootElement(this.canvas.findRoot(element));
    this.selection.select(shape ?? []);
    if (shape) this.canvas.scrollToElement(shape, 120);
    const [ , plain, expert ] = PLACES.find(([ pattern ]) => pattern.test(rule ?? '')) ?? [ null, 'name', 'name' ];
    // the panel draws the element first
    setTimeout(() => this.eventBus.fire('propertiesPanel.showEntry', { id: this.face.isExpert ? expert : plain, focus: true }), 60);
  }
}
PanelPlaces.$inject = [ 'selection', 'canvas', 'elementRegistry', 'eventBus', 'face' ];

export default {
  quickFixes: [ 'type', QuickFixes ],
  newForm: [ 'type', NewForm ],
  panelPlaces: [ 'type', PanelPlaces ]
};
