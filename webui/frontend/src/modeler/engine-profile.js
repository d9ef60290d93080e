// What the engine does not run cannot be drawn: menus and panel follow the engine's own tables, which the page brings.
import { ALL_EVENTS, GATEWAY, SUBPROCESS, TASK } from 'bpmn-js-create-append-anything';
import * as replaceOptions from 'bpmn-js/lib/features/replace/ReplaceOptions';
import { profile } from './page-data.js';

const MENUS = [ 'bpmn-replace', 'bpmn-append', 'bpmn-create' ];
const FLOW_NODE = /(Task|Activity|Gateway|Event|SubProcess|Transaction)$/;

const options = [ ...ALL_EVENTS, ...GATEWAY, ...SUBPROCESS, ...TASK, ...Object.values(replaceOptions).filter(Array.isArray).flat() ];
const targets = new Map(options.filter(each => each.target).map(each => [ each.actionName, each.target ]));

/** Whether the engine runs an element such as a menu would make. */
export function isRun({ type, eventDefinitionType, isInterrupting, cancelActivity, triggeredByEvent }) {
  const name = type.replace('bpmn:', '');
  if (!FLOW_NODE.test(name)) return true;
  const kind = triggeredByEvent ? 'eventSubProcess' : kindOf(type);
  const trigger = eventDefinitionType ? triggerOf(eventDefinitionType) : 'none';
  const position = isInterrupting === false || cancelActivity === false ? 'nonInterrupting' : null;
  return profile.elements.some(([ ranKind, ranTrigger, ranPosition ]) =>
    ranKind === kind && (ranTrigger === trigger || kind === 'boundaryEvent' && trigger === 'none') && (!position || ranPosition === position));
}

function triggerOf(eventDefinitionType) {
  const name = eventDefinitionType.replace('bpmn:', '').replace('EventDefinition', '').toLowerCase();
  return name === 'compensate' ? 'compensation' : name;
}

class MenuProfile {
  constructor(popupMenu) {
    for (const menu of MENUS) popupMenu.registerProvider(menu, 100, this);
  }

  getPopupMenuEntries() {
    return entries => Object.fromEntries(Object.entries(entries).filter(([ id ]) => {
      const target = targets.get(id) ?? targets.get(id.replace(/^(create|append)-/, ''));
      return !target || isRun(target);
    }));
  }
}
MenuProfile.$inject = [ 'popupMenu' ];

// The extension element that a group of the panel writes, and single entries by the attribute they write.
const WRITTEN_BY_GROUP = {
  Zeebe__ExecutionListeners: 'executionListeners',
  Zeebe__TaskListeners: 'taskListeners',
  activeElements: 'adHoc',
  outputCollection: 'adHoc',
  headers: 'taskHeaders',
  taskDefinition: 'taskDefinition'
};
const WRITTEN_BY_ENTRY = {
  externalReference: [ 'formDefinition', 'externalReference' ],
  variableNames: [ 'conditionalFilter', 'variableNames' ],
  variableEvents: [ 'conditionalFilter', 'variableEvents' ]
};
// Which way an element is implemented: new ones have the way that the engine knows.
const IMPLEMENTATION = /Implementation$/;

/** The groups of the panel without those that write what the engine does not read at such an element. */
export function readByEngine(element, groups) {
  const kind = kindOf(element.type);
  return groups
    .filter(({ id }) => !IMPLEMENTATION.test(id) && (!WRITTEN_BY_GROUP[id] || isRead(WRITTEN_BY_GROUP[id], kind)))
    .map(group => group.entries ? { ...group, entries: group.entries.filter(({ id }) => entryIsRead(id, kind)) } : group)
    .filter(group => !group.entries || group.entries.length);
}

function isRead(name, kind, attribute = null) {
  const { on, attributes } = profile.extensions[name] ?? { on: [], attributes: [] };
  return (on.includes('*') || on.includes(kind)) && (!attribute || attributes.includes(attribute));
}

function entryIsRead(id, kind) {
  const [ element, attribute ] = WRITTEN_BY_ENTRY[id] ?? [];
  return !element || isRead(element, kind, attribute);
}

function kindOf(type) {
  const name = type.replace('bpmn:', '');
  return name[0].toLowerCase() + name.slice(1);
}

export default { __init__: [ 'menuProfile' ], menuProfile: [ 'type', MenuProfile ] };
