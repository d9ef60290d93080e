// The two faces of the panel: an owner sees who, what and when in plain fields, an expert everything the engine reads.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { readByEngine } from './engine-profile.js';
import * as own from './own-groups.js';

const STORED = 'casewright:panel-face';
const FOR_EVERYBODY = [ 'message', 'signal', 'error', 'escalation', 'timer', 'condition', 'event-condition', 'link', 'compensation' ];
const WITH_STAGE = [ 'bpmn:Activity', 'bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:IntermediateThrowEvent', 'bpmn:BoundaryEvent', 'bpmn:EndEvent' ];

/** Which face the panel shows; the choice stays with this browser. */
export class Face {
  constructor(eventBus) {
    this.eventBus = eventBus;
    this.isExpert = localStorage.getItem(STORED) === 'expert';
  }

  choose(isExpert) {
    this.isExpert = isExpert;
    localStorage.setItem(STORED, isExpert ? 'expert' : 'owner');
    this.eventBus.fire('propertiesPanel.providersChanged');
  }
}
Face.$inject = [ 'eventBus' ];

class Faces {
  constructor(propertiesPanel, face) {
    this.face = face;
    propertiesPanel.registerProvider(100, this);
  }

  getGroups(element) {
    return groups => {
      const read = readByEngine(element, groups);
      return this.face.isExpert ? expert(element, read) : owner(element, read);
    };
  }
}
Faces.$inject = [ 'propertiesPanel', 'face' ];

function ownGroups(element, isOwner) {
  const found = [], userTask = is(element, 'bpmn:UserTask'), isStart = is(element, 'bpmn:StartEvent');
  if (is(element, 'bpmn:Process') || is(element, 'bpmn:Participant') && getBusinessObject(element).get('processRef')) {
    if (is(element, 'bpmn:Process')) found.push(own.starting(), own.caseWords());
  }
  if (userTask && isOwner) found.push(own.who());
  if (userTask && isOwner || isStart && !getBusinessObject(element).get('eventDefinitions')?.length && is(getBusinessObject(element).$parent, 'bpmn:Process')) found.push(own.form());
  if (userTask && isOwner) found.push(own.deadline());
  if (userTask && !isOwner) found.push(own.fourEyes());
  if (userTask) found.push(own.button());
  if (isOwner && is(element, 'bpmn:BusinessRuleTask')) found.push(own.decision());
  if (isOwner && is(element, 'bpmn:CallActivity')) found.push(own.called());
  if (isOwner && own.isPlainTimer(element)) found.push(own.when(element));
  if (isOwner && is(element, 'bpmn:SequenceFlow') && own.isDeciding(getBusinessObject(element))) found.push(own.way(element));
  if (WITH_STAGE.some(type => is(element, type)) && element.type !== 'label') found.push(own.customer(element));
  return found;
}

function expert(element, groups) {
  const at = groups.findIndex(({ id }) => id === 'documentation') + 1;
  return [ ...groups.slice(0, at), ...ownGroups(element, false).map(each => ({ ...each, shouldOpen: false })), ...groups.slice(at) ];
}

function owner(element, groups) {
  const about = [];
  for (const group of groups) {
    if (group.id === 'general') about.push({ ...group, label: t('What'), shouldOpen: true, entries: group.entries.filter(({ id }) => /name/i.test(id)) });
    if (group.id === 'documentation') about.push({ ...group, label: is(element, 'bpmn:Activity') ? t('Instructions') : t('Description'), shouldOpen: true, entries: group.entries.filter(({ id }) => id === 'documentation') });
  }
  const decides = is(element, 'bpmn:SequenceFlow');
  const kept = groups.filter(({ id }) => id.startsWith('ElementTemplates__') && id !== 'ElementTemplates__Template' || id === 'ElementTemplates__Template' && is(element, 'bpmn:Task') ||
    FOR_EVERYBODY.includes(id) && !(id === 'timer' && own.isPlainTimer(element)) && !(id === 'condition' && decides));
  return [ ...about.filter(each => each.entries.length), ...ownGroups(element, true), ...kept ];
}

export default {
  __init__: [ 'faces' ],
  face: [ 'type', Face ],
  faces: [ 'type', Faces ]
};
