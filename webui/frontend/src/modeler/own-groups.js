// What Casewright adds as extension properties, as named fields; and the fields by which an owner says who, what and when.
import { Group } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { deadlineText, durationText, plainDeadline, plainDuration } from './durations.js';
import { extension, properties, property } from './extensions.js';
import { actions, area, condition, feel, select, several, span, text } from './fields.js';
import { addressOf, holdings } from './holdings.js';
import { choices } from './page-data.js';

const pairs = list => list.map(([ value, label ]) => ({ value, label: list.some(([ id, name ]) => name === label && id !== value) ? `${label} (${value})` : label }));
const groups = () => pairs(choices.groups), users = () => pairs(choices.users);

/** What may be chosen of a kind: what the project holds, then what else is in force. */
function known(kind) {
  const names = new Map(choices[kind]);
  const here = holdings[kind].map(({ id, name }) => [ id, name === id ? names.get(id) ?? name : name ]);
  return pairs([ ...here, ...choices[kind].filter(([ id ]) => !here.some(([ other ]) => other === id)) ]);
}

// --- reading and writing

const byProperty = (name, field) => ({
  id: `own-${name}`, get: element => property(element, name), set: (writer, element, value) => writer.setProperty(element, name, value.trim()), ...field
});
const byExtension = (type, attribute, field) => ({
  get: element => extension(element, type)?.get(attribute), set: (writer, element, value) => writer.setExtension(element, type, { [attribute]: value || undefined }), ...field
});
const group = (id, label, entries) => ({ id, label, component: Group, shouldOpen: true, entries });

// --- the process

function labels() {
  return area({
    id: 'own-labels', label: t('What people call data that no form asks for'), description: t('One a line, such as handleDue: Handle until'),
    get: element => properties(element).filter(each => each.name?.startsWith('label.')).map(each => `${each.name.slice(6)}: ${each.value ?? ''}`).join('\n'),
    set: (writer, element, value) => {
      const lines = value.split('\n').map(line => /^\s*([^:：]+?)\s*[:：]\s*(.*?)\s*$/.exec(line)).filter(Boolean);
      const others = properties(element).filter(each => !each.name?.startsWith('label.')).map(({ name, value }) => ({ name, value }));
      writer.setProperties(element, [ ...others, ...lines.map(([ , name, words ]) => ({ name: `label.${name}`, value: words })) ]);
    }
  });
}

export const starting = () => group('starting', t('Starting'), [
  several(byProperty('candidateStarterGroups', { label: t('Groups that may start it'), options: groups })),
  several(byProperty('candidateStarterUsers', { label: t('People who may start it'), options: users })),
  select(byProperty('startable', { label: t('Found under Start'), none: t('Yes'), options: () => [ { value: 'false', label: t('No, it is only called by others') } ] })),
  select(byProperty('publicStart', { label: t('Customers may start it'), none: t('No'), options: () => [ { value: 'true', label: t('Yes, on the public page') } ] }))
]);

export const caseWords = () => group('caseWords', t('The case'), [
  text(byProperty('referencePrefix', { label: t('First letters of the case number'), description: t('Up to 8 capital letters and digits') })),
  feel(byProperty('subject', { label: t('Title of the case'), feel: 'optional' })),
  text(byProperty('stages', { label: t('Stages that the customer sees'), description: t('In order, with commas') })),
  labels()
]);

// --- elements

const processOf = element => {
  let object = getBusinessObject(element);
  while (object.$parent && !is(object, 'bpmn:Process')) object = object.$parent;
  return object;
};
const stages = element => property(processOf(element), 'stages').split(',').map(each => each.trim()).filter(Boolean).map(value => ({ value, label: value }));
const isMessagePlace = element => is(element, 'bpmn:ReceiveTask') || isAny(element, [ 'bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:BoundaryEvent' ]) && hasMessage(element);
const sends = element => is(element, 'bpmn:SendTask') || isAny(element, [ 'bpmn:IntermediateThrowEvent', 'bpmn:EndEvent' ]) && hasMessage(element);
const hasMessage = element => getBusinessObject(element).get('eventDefinitions')?.some(each => is(each, 'bpmn:MessageEventDefinition'));

export function customer(element) {
  return group('customer', t('For the customer'), [
    select(byProperty('stage', { label: t('Stage that begins here'), none: t('The same as before'), options: stages })),
    feel(byProperty('promise', { label: t('Next news by'), feel: 'required', description: t('A date and time') })),
    ...(isMessagePlace(element) ? [ select(byProperty('publicForm', { label: t('Form on the status page'), none: t('None'), options: () => known('forms') })) ] : []),
    ...(sends(element) ? [ span(byProperty('timeToLive', { label: t('Kept for a case that does not wait yet'), parse: plainDuration, format: durationText })) ] : [])
  ]);
}

export function who() {
  const assigned = (attribute, field) => byExtension('zeebe:AssignmentDefinition', attribute, field);
  return group('who', t('Who'), [
    several(assigned('candidateGroups', { id: 'who-groups', label: t('Groups'), options: groups })),
    several(assigned('candidateUsers', { id: 'who-users', label: t('People'), options: users })),
    several(byProperty('separateFrom', { label: t('Not by who did (four eyes)'), options: otherTasks }))
  ]);
}

export const fourEyes = () => group('fourEyes', t('Who may not'), [
  several(byProperty('separateFrom', { label: t('Not by who did (four eyes)'), options: otherTasks }))
]);

function otherTasks(element) {
  const found = [], ahead = [ processOf(element) ];
  while (ahead.length) {
    for (const each of ahead.pop().get('flowElements') ?? []) {
      if (is(each, 'bpmn:SubProcess')) ahead.push(each);
      if (is(each, 'bpmn:UserTask') && each !== getBusinessObject(element)) found.push({ value: each.id, label: each.name?.replace(/\s+/g, ' ') || each.id });
    }
  }
  return found;
}

export const button = () => group('button', t('Button'), [
  text(byProperty('action', { label: t('What the button says that completes it') }))
]);

function fileOf(kind, id) {
  return holdings[kind].find(each => each.id === id)?.file;
}

const open = (kind, id, words) => fileOf(kind, id) && h('a', { class: 'panel-button', href: addressOf(fileOf(kind, id)) }, words);

export function form() {
  return group('ownForm', t('Form'), [
    select(byExtension('zeebe:FormDefinition', 'formId', { id: 'form-id', label: t('Form'), none: t('None'), options: () => known('forms') })),
    actions('form-actions', FormButtons)
  ]);
}

function FormButtons({ element }) {
  const newForm = useService('newForm'), id = extension(element, 'zeebe:FormDefinition')?.get('formId');
  return [ open('forms', id, t('Open the form')), newForm.isAllowed && h('button', { type: 'button', class: 'panel-button', onClick: () => newForm.make(element) }, t('New form')) ];
}

export const deadline = () => group('deadline', t('Deadline'), [
  span(byExtension('zeebe:TaskSchedule', 'dueDate', { id: 'deadline-due', label: t('To be done within'), parse: plainDeadline, format: deadlineText })),
  span(byExtension('zeebe:TaskSchedule', 'followUpDate', { id: 'deadline-follow-up', label: t('Reminder after'), parse: plainDeadline, format: deadlineText })),
  actions('deadline-actions', LateButton)
]);

function LateButton({ element }) {
  const quickFixes = useService('quickFixes');
  return h('button', { type: 'button', class: 'panel-button', onClick: () => quickFixes.addTimer(element) }, t('What happens when it is late …'));
}

export const decision = () => group('ownDecision', t('Decision'), [
  select(byExtension('zeebe:CalledDecision', 'decisionId', { id: 'decision-id', label: t('Table'), options: () => known('decisions') })),
  text(byExtension('zeebe:CalledDecision', 'resultVariable', { id: 'decision-result', label: t('Keep the result as') })),
  actions('decision-actions', TableLink)
]);

function TableLink({ element }) {
  return open('decisions', extension(element, 'zeebe:CalledDecision')?.get('decisionId'), t('Open the table'));
}

export const called = () => group('ownCalled', t('Called process'), [
  select(byExtension('zeebe:CalledElement', 'processId', { id: 'called-id', label: t('Process'), options: () => known('processes') })),
  actions('called-actions', ProcessLink)
]);

function ProcessLink({ element }) {
  return open('processes', extension(element, 'zeebe:CalledElement')?.get('processId'), t('Open the process'));
}

// --- timers and conditions

export const timer = element => getBusinessObject(element).get('eventDefinitions')?.find(each => is(each, 'bpmn:TimerEventDefinition'));

export function when(element) {
  const definition = timer(element);
  return group('when', t('When'), [ span({
    id: 'when-after', label: t('After'), parse: plainDeadline, format: durationText,
    get: () => definition.get('timeDuration')?.get('body'),
    set: (writer, _, value) => writer.set(element, {
      timeDate: undefined, timeCycle: undefined, timeDuration: value ? writer.make('bpmn:FormalExpression', { body: value }, definition) : undefined
    }, definition)
  }) ]);
}

/** Whether a timer is one that plain fields can say. */
export function isPlainTimer(element) {
  const definition = timer(element);
  if (!definition || is(element, 'bpmn:StartEvent')) return false;
  return !definition.get('timeDate') && !definition.get('timeCycle') && (!definition.get('timeDuration')?.get('body') || Boolean(plainDeadline(definition.get('timeDuration').get('body'))));
}

export const isDeciding = flow => isAny(flow.sourceRef, [ 'bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway' ]);

export function way(element) {
  const flow = getBusinessObject(element), gateway = flow.sourceRef, isDefault = gateway.default === flow;
  const registry = writer => writer.elementOf(gateway);
  return group('way', t('When it goes this way'), [
    ...(isDefault ? [] : [ condition({
      id: 'way-condition', label: t('When'), get: () => flow.get('conditionExpression')?.get('body') ?? '',
      set: (writer, _, value) => writer.set(element, { conditionExpression: value ? writer.make('bpmn:FormalExpression', { body: value }, flow) : undefined })
    }) ]),
    select({
      id: 'way-default', label: t('When no other condition holds'), none: t('Another way is taken'), options: () => [ { value: 'yes', label: t('This way is taken') } ],
      get: () => isDefault ? 'yes' : '',
      set: (writer, _, value) => writer.set(registry(writer), { default: value ? flow : undefined }, gateway)
    })
  ]);
}
