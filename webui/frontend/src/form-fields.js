// Accessible fields. The library draws `select` as a text input with a floating list that has no role, no expanded state and
// no active option; here it is the browser's own. `taglist` becomes the checklist, which takes the same schema and values.
// Radio buttons and checklists become groups that are called by their question.
import { Checklist, Description, Errors, FormContext, Label, Radio, Select, Taglist, useExpressionEvaluation } from '@bpmn-io/form-js-viewer';
import { h } from 'preact';
import { useContext } from 'preact/hooks';

function NativeSelect({ field, domId, value, errors = [], disabled, readonly, onChange, onBlur, onFocus }) {
  const options = useOptions(field);
  const required = field.validate?.required;
  const choose = event => {
    const chosen = options[event.target.selectedIndex - 1];
    onChange({ field, value: chosen ? chosen.value : null });
  };
  return h('div', { class: `fjs-form-field fjs-form-field-select${errors.length ? ' fjs-has-errors' : ''}` },
    h(Label, { htmlFor: domId, label: field.label, required }),
    h('select', {
      id: domId, class: 'fjs-input', disabled: disabled || readonly, required, onBlur, onFocus, onChange: choose,
      'aria-invalid': errors.length > 0, 'aria-describedby': `${domId}-description ${domId}-error-message`
    },
    h('option', { value: '', selected: value == null }, ''),
    options.map((option, index) => h('option', { value: index, selected: same(option.value, value) }, option.label))),
    h(Description, { id: `${domId}-description`, description: field.description }),
    h(Errors, { id: `${domId}-error-message`, errors }));
}
NativeSelect.config = Select.config;

const named = (role, kind, config = kind.config) => Object.assign(props => h('div', {
  role, class: 'fjs-named-group', 'aria-label': props.field.label,
  'aria-required': role === 'radiogroup' ? Boolean(props.field.validate?.required) : undefined
}, h(kind, props)), { config });

function useOptions(field) {
  const form = useContext(FormContext).getService('form');
  const computed = useExpressionEvaluation(field.valuesExpression);
  const given = field.valuesKey ? form._getState().initialData?.[field.valuesKey] : field.values ?? computed;
  return (Array.isArray(given) ? given : []).map(option =>
    option !== null && typeof option === 'object' ? { label: String(option.label ?? option.value), value: option.value }
      : { label: String(option), value: option });
}

const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);

class AccessibleFields {
  constructor(formFields) {
    formFields.register('select', NativeSelect);
    formFields.register('radio', named('radiogroup', Radio));
    formFields.register('checklist', named('group', Checklist));
    formFields.register('taglist', named('group', Checklist, Taglist.config));
  }
}
AccessibleFields.$inject = [ 'formFields' ];

export const accessibleFields = { __init__: [ 'accessibleFields' ], accessibleFields: [ 'type', AccessibleFields ] };
