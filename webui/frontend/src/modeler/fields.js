// Fields of the panel that its library has no like of: several out of a list, a span of time, a condition as a sentence.
import { FeelEntry, SelectEntry, TextAreaEntry, TextFieldEntry, useShowEntryEvent } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { COMPARISONS, feelOf, sentence } from './conditions.js';
import { UNITS } from './durations.js';

// The components are told their field by their entry: a panel that is drawn anew then keeps what is being typed.

/** A field that is one of the library's, made from { id, label, get(element), set(writer, element, value), … }. */
export const text = field => own(field, TextField);
export const area = field => own(field, AreaField);
export const select = field => own(field, SelectField);
export const feel = field => own(field, FeelField);

const TextField = props => TextFieldEntry(useLibrary(props));
const AreaField = props => TextAreaEntry(useLibrary(props));
const SelectField = props => SelectEntry({ ...useLibrary(props), getOptions: () => optionsOf(props) });
const FeelField = props => FeelEntry({ ...useLibrary(props), variables: useVariables(props.element, true), feel: props.field.feel ?? 'optional' });

/** What the library's fields want to know. */
function useLibrary({ element, id, field }) {
  const debounce = useService('debounceInput'), writer = useService('writer'), translate = useService('translate');
  return {
    element, id, debounce, translate, label: field.label, description: field.description,
    getValue: () => field.get(element) ?? '', setValue: value => field.set(writer, element, value ?? '')
  };
}

function optionsOf({ element, field }) {
  return [ { value: '', label: field.none ?? '–' }, ...withKept(field.options(element), field.get(element)) ];
}

function own(field, component) {
  return { id: field.id, component, field, isEdited: node => Boolean(node && (node.hasAttribute('data-said') || isSaid(node))) };
}

/** Whether a field of the library says something. */
function isSaid(node) {
  const input = node.querySelector('input, select, textarea');
  return Boolean(input?.value || node.querySelector('.cm-content')?.textContent);
}

/** Draws a field of our own: `Content` gets { element, id, first, value, set, field }. */
const framed = Content => ({ element, id, field }) => {
  const writer = useService('writer'), first = useShowEntryEvent(id);
  const value = field.get(element) ?? '';
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id, 'data-said': value ? '' : undefined },
    h('div', { role: 'group', 'aria-labelledby': `${id}-label` },
      h('div', { class: 'bio-properties-panel-label', id: `${id}-label` }, field.label),
      h(Content, { element, id, first, value, set: next => field.set(writer, element, next), field }),
      field.description && h('div', { class: 'bio-properties-panel-description' }, field.description)));
};

/** Several of a list, written with commas; FEEL that somebody wrote stays as it is until it is taken away. */
export const several = field => own(field, SeveralField);

const SeveralField = framed(Several);

function Several({ element, id, first, value, set, field }) {
  if (value.startsWith('=')) {
    return h('div', { class: 'panel-feel' }, h('code', null, value),
      h('button', { type: 'button', class: 'panel-button', onClick: () => set('') }, t('Choose from the list instead')));
  }
  const chosen = value.split(',').map(each => each.trim()).filter(Boolean);
  const offered = field.options(element);
  const name = each => offered.find(option => option.value === each)?.label;
  return h('div', { class: 'panel-several' },
    chosen.map(each => h('span', { class: `panel-chip${name(each) ? '' : ' unknown'}`, key: each, title: name(each) ? each : t('Not known here') }, name(each) ?? each,
      h('button', { type: 'button', 'aria-label': t('Remove {name}', { name: name(each) ?? each }), onClick: () => set(chosen.filter(other => other !== each).join(', ')) }, '×'))),
    h('select', { ref: first, id: `bio-properties-panel-${id}`, class: 'bio-properties-panel-input', value: '', 'aria-label': field.label,
      onChange: event => { if (event.target.value) set([ ...chosen, event.target.value ].join(', ')); event.target.value = ''; } },
    h('option', { value: '' }, t('Add …')),
    offered.filter(option => !chosen.includes(option.value)).map(option => h('option', { value: option.value, key: option.value }, option.label))));
}

/** A span of time as a number and a unit; `parse` and `format` translate; what is not so simple is shown as FEEL. */
export const span = field => own(field, SpanField);

const SpanField = framed(Span);

function Span({ id, first, value, set, field }) {
  const found = field.parse(value);
  const [ unit, setUnit ] = useState(found?.unit ?? 'PD');
  if (value && !found) {
    return h('div', { class: 'panel-feel' }, h('code', null, value),
      h('button', { type: 'button', class: 'panel-button', onClick: () => set('') }, t('Say it as a span instead')));
  }
  const change = (number, chosen) => set(Number(number) > 0 ? field.format({ number: Math.round(Number(number)), unit: chosen }) : '');
  return h('div', { class: 'panel-span' },
    h(Typed, { first, id: `bio-properties-panel-${id}`, type: 'number', min: 1, step: 1, 'aria-label': t('Number'),
      value: String(found?.number ?? ''), onTyped: typed => change(typed, found?.unit ?? unit) }),
    h('select', { class: 'bio-properties-panel-input', 'aria-label': t('Unit'), value: found?.unit ?? unit,
      onChange: event => { setUnit(event.target.value); change(first.current.value, event.target.value); } },
    Object.entries(UNITS).filter(([ key ]) => !field.units || field.units.includes(key)).map(([ key, name ]) => h('option', { value: key, key }, t(name)))));
}

/** What is typed stays typed while the panel is drawn anew, and counts when one leaves the field. */
function Typed({ first, value, onTyped, ...attributes }) {
  const [ typed, setTyped ] = useState(null);
  return h('input', { ...attributes, ref: first, class: 'bio-properties-panel-input', value: typed ?? value,
    onInput: event => setTyped(event.target.value),
    onChange: event => { const text = event.target.value; setTyped(null); if (text !== value) onTyped(text); } });
}

/** Buttons beside a field: a link to another editor, something new. */
export function actions(id, Buttons) {
  return { id, component: Actions, Buttons };
}

function Actions({ element, id, Buttons }) {
  return h('div', { class: 'bio-properties-panel-entry panel-actions', 'data-entry-id': id }, h(Buttons, { element }));
}

/** A condition as a sentence of comparisons. */
export const condition = field => own(field, ConditionField);

const ConditionField = framed(Condition);

function Condition({ element, id, first, value, set }) {
  const variables = useVariables(element, true);
  const found = sentence(value);
  const [ empty, setEmpty ] = useState(0);
  if (!found) {
    return h('div', { class: 'panel-feel' }, h('code', null, value),
      h('p', { class: 'bio-properties-panel-description' }, t('This condition is more than a sentence. Change it in the expert view.')));
  }
  const parts = [ ...found.parts, ...Array.from({ length: Math.max(empty, found.parts.length ? 0 : 1) }, () => ({ variable: '', comparison: '=', value: '' })) ];
  const change = (index, next) => {
    const changed = parts.map((part, place) => place === index ? { ...part, ...next } : part);
    setEmpty(changed.filter(part => !part.variable).length);
    set(feelOf({ joint: found.joint, parts: changed }));
  };
  return h('div', { class: 'panel-condition' },
    h('datalist', { id: `${id}-variables` }, variables.map(each => h('option', { value: each.name, key: each.name }, each.info ?? ''))),
    parts.map((part, index) => h('div', { class: 'panel-comparison', key: index },
      index > 0 && h('select', { class: 'bio-properties-panel-input joint', 'aria-label': t('Joined by'), value: found.joint,
        onChange: event => set(feelOf({ joint: event.target.value, parts })) },
      h('option', { value: 'and' }, t('and')), h('option', { value: 'or' }, t('or'))),
      h(Typed, { first: index ? undefined : first, id: index ? undefined : `bio-properties-panel-${id}`, list: `${id}-variables`, 'aria-label': t('Variable'), placeholder: t('Variable'),
        value: part.variable, onTyped: typed => change(index, { variable: typed.trim() }) }),
      h('select', { class: 'bio-properties-panel-input', 'aria-label': t('Comparison'), value: part.comparison, onChange: event => change(index, { comparison: event.target.value }) },
        COMPARISONS.map(each => h('option', { value: each, key: each }, WORDS[each]()))),
      !part.comparison.startsWith('is') && h(Typed, { 'aria-label': t('Value'), placeholder: t('Value'), value: part.value,
        onTyped: typed => change(index, { value: typed, isText: part.isText && Number.isNaN(Number(typed)) }) }),
      parts.length > 1 && h('button', { type: 'button', class: 'panel-button', 'aria-label': t('Remove this comparison'),
        onClick: () => { setEmpty(0); set(feelOf({ joint: found.joint, parts: parts.filter((_, place) => place !== index) })); } }, '×'))),
    h('button', { type: 'button', class: 'panel-button', onClick: () => setEmpty(empty + 1) }, t('And another comparison')));
}

const WORDS = {
  '=': () => t('is'), '!=': () => t('is not'), '<': () => t('is less than'), '<=': () => t('is at most'), '>': () => t('is more than'),
  '>=': () => t('is at least'), 'is empty': () => t('is empty'), 'is not empty': () => t('is not empty')
};

/** The variables that exist at an element. */
export function useVariables(element, wanted) {
  const resolver = useService('variableResolver'), eventBus = useService('eventBus');
  const [ variables, setVariables ] = useState([]);
  const object = getBusinessObject(element);
  useEffect(() => {
    if (!wanted) return;
    let isThere = true;
    const ask = () => { resolver.getVariablesForElement(object, element).then(found => { if (isThere) setVariables(found); }); };
    eventBus.on('commandStack.changed', ask);
    ask();
    return () => { isThere = false; eventBus.off('commandStack.changed', ask); };
  }, [ object, wanted ]);
  return variables;
}

function withKept(options, value) {
  return !value || options.some(option => option.value === value) ? options : [ ...options, { value, label: value } ];
}
