// The variables that FEEL fields complete: what the diagram's mappings set, what the forms of the project set, what every
// case has; and of all these only what exists when the case comes to the element.
import { ZeebeVariableResolverModule } from '@bpmn-io/variable-resolver';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { extension } from './extensions.js';
import { holdings } from './holdings.js';

class ProjectVariables {
  constructor(variableResolver) {
    variableResolver.registerProvider(this);
  }

  getVariables(element) {
    if (is(element, 'bpmn:Process')) {
      return [
        { name: 'reference', type: 'String', info: t('The number of the case'), scope: getBusinessObject(element) },
        { name: 'initiator', type: 'String', info: t('Who started the case'), scope: getBusinessObject(element) }
      ];
    }
    const formId = extension(element, 'zeebe:FormDefinition')?.get('formId');
    const form = formId && holdings.forms.find(each => each.id === formId);
    if (!form) return;
    const root = rootOf(getBusinessObject(element));
    return form.variables.map(each => ({
      name: each.name, type: each.type, detail: each.type, info: each.label, scope: root, origin: [ getBusinessObject(element) ]
    }));
  }
}
ProjectVariables.$inject = [ 'variableResolver' ];

/** Leaves out what is set only behind an element. */
class WhatExists {
  constructor(variableResolver) {
    const all = variableResolver.getVariablesForElement.bind(variableResolver);
    variableResolver.getVariablesForElement = async (element, ...rest) => {
      const object = getBusinessObject(element), before = passedBefore(object);
      return (await all(element, ...rest)).filter(({ origin }) =>
        !origin?.length || origin.some(each => before.has(each) || !is(each, 'bpmn:FlowNode')));
    };
  }
}
WhatExists.$inject = [ 'variableResolver' ];

/** All that may have been passed when a case comes to an element, with the element and what lies around it. */
export function passedBefore(object) {
  const passed = new Set(), ahead = [ object ];
  while (ahead.length) {
    const each = ahead.pop();
    if (!each || passed.has(each)) continue;
    passed.add(each);
    if (is(each, 'bpmn:SequenceFlow')) ahead.push(each.sourceRef);
    for (const flow of each.incoming ?? []) ahead.push(flow.sourceRef);
    if (each.attachedToRef) ahead.push(each.attachedToRef, ...(each.attachedToRef.flowElements ?? []));
    if (is(each, 'bpmn:SubProcess') && !isInside(object, each)) ahead.push(...(each.flowElements ?? []).filter(inner => is(inner, 'bpmn:FlowNode')));
    if (each.$parent && is(each.$parent, 'bpmn:SubProcess')) ahead.push(...aroundOf(each.$parent));
  }
  return passed;
}


function isInside(object, container) {
  for (let each = object; each; each = each.$parent) if (each === container) return true;
  return false;
}

/** What lies before an element inside a sub-process: the sub-process; before a handler of events anything beside it. */
function aroundOf(parent) {
  return parent.triggeredByEvent ? [ parent, ...(parent.$parent.flowElements ?? []).filter(each => is(each, 'bpmn:FlowNode')) ] : [ parent ];
}

function rootOf(object) {
  while (object.$parent && !is(object, 'bpmn:Process')) object = object.$parent;
  return object;
}

export default {
  __depends__: [ ZeebeVariableResolverModule ],
  __init__: [ 'projectVariables', 'whatExists' ],
  projectVariables: [ 'type', ProjectVariables ],
  whatExists: [ 'type', WhatExists ]
};
