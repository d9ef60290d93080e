// Reading and writing what an element says in the zeebe: vocabulary, each change as one step that can be undone.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

/** The extension element of a type, if there is one. */
export function extension(element, type) {
  return getBusinessObject(element).get('extensionElements')?.get('values').find(each => is(each, type));
}

/** Writes the model of one modeler. */
export class Writer {
  constructor(commandStack, bpmnFactory, elementRegistry) {
    Object.assign(this, { commandStack, bpmnFactory, elementRegistry });
  }

  elementOf({ id }) {
    return this.elementRegistry.get(id);
  }

  /** Sets attributes of an extension element; it goes when none of `kept` is left. */
  setExtension(element, type, attributes) {
    const found = extension(element, type);
    if (found) {
      const rest = { ...plainAttributes(found), ...attributes };
      if (Object.values(rest).every(value => value === undefined || value === '')) this.removeExtension(element, found);
      else this.run([ this.update(element, found, attributes) ]);
      return;
    }
    if (Object.values(attributes).every(value => value === undefined || value === '')) return;
    this.run(this.adding(element, this.make(type, attributes)));
  }

  removeExtension(element, found) {
    const container = getBusinessObject(element).get('extensionElements');
    const values = container.get('values').filter(each => each !== found);
    this.run([ values.length ? this.update(element, container, { values }) : this.update(element, getBusinessObject(element), { extensionElements: undefined }) ]);
  }

  /** Sets what is said by an extension property; nothing takes it away. */
  setProperty(element, name, value) {
    const said = properties(element).map(each => ({ name: each.name, value: each.name === name ? value : each.value }));
    if (!said.some(each => each.name === name)) said.push({ name, value });
    this.setProperties(element, said.filter(each => each.name !== name || each.value));
  }

  /** Sets all extension properties. */
  setProperties(element, said) {
    const holder = extension(element, 'zeebe:Properties');
    const properties = said.map(each => this.make('zeebe:Property', each));
    if (!holder) {
      if (properties.length) this.run(this.adding(element, this.make('zeebe:Properties', { properties })));
      return;
    }
    if (!properties.length) this.removeExtension(element, holder);
    else {
      for (const each of properties) each.$parent = holder;
      this.run([ this.update(element, holder, { properties }) ]);
    }
  }

  /** Sets properties of the element itself, or of something inside it. */
  set(element, properties, inside = getBusinessObject(element)) {
    this.run([ this.update(element, inside, properties) ]);
  }

  make(type, attributes, parent) {
    const made = this.bpmnFactory.create(type, attributes);
    if (parent) made.$parent = parent;
    for (const value of Object.values(attributes).flat()) if (value?.$type) value.$parent = made;
    return made;
  }

  adding(element, made) {
    const object = getBusinessObject(element), container = object.get('extensionElements');
    if (container) {
      made.$parent = container;
      return [ this.update(element, container, { values: [ ...container.get('values'), made ] }) ];
    }
    return [ this.update(element, object, { extensionElements: this.make('bpmn:ExtensionElements', { values: [ made ] }, object) }) ];
  }

  update(element, moddleElement, properties) {
    return { cmd: 'element.updateModdleProperties', context: { element, moddleElement, properties } };
  }

  run(commands) {
    this.commandStack.execute('properties-panel.multi-command-executor', commands);
  }
}

/** What an extension property says. */
export function property(element, name) {
  return extension(element, 'zeebe:Properties')?.get('properties').find(each => each.name === name)?.value ?? '';
}

/** All extension properties. */
export function properties(element) {
  return extension(element, 'zeebe:Properties')?.get('properties') ?? [];
}

Writer.$inject = [ 'commandStack', 'bpmnFactory', 'elementRegistry' ];

function plainAttributes(found) {
  return Object.fromEntries(found.$descriptor.properties.filter(each => !each.isMany).map(each => [ each.name.split(':').pop(), found.get(each.name) ]));
}
