// The form library asks its `translate` service for every word; it is ours, fed by the page's catalogue. The calendar brings
// its own Chinese, and takes what is typed only as it is shown, or in the order of ISO 8601.
import { Datetime, FilePicker } from '@bpmn-io/form-js-viewer';
import flatpickr from 'flatpickr';
import { h } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { language, t } from './words.js';

const LOWER_LIMIT = '01/01/1900';

export async function translation() {
  // a plugin, since the library sets up the calendar itself, and a default parseDate does not outlive that
  flatpickr.setDefaults({ plugins: [ () => ({ parseDate: typedDate }) ] });
  if (language.startsWith('zh')) {
    const { Mandarin } = await import('flatpickr/dist/l10n/zh.js');
    flatpickr.localize(Mandarin);
  }
  return { translate: [ 'value', t ], __init__: [ 'wordedFields' ], wordedFields: [ 'type', WordedFields ] };
}

// Left to itself, the calendar takes 30/11/2026 for a day in 2028 where months come first. Here it is no date.
function typedDate(text, format) {
  if (text === LOWER_LIMIT) return new Date(1900, 0, 1); // the library's own, in one order for all
  const order = /^\s*\d{4}-/.test(text) ? [ 'Y', 'm', 'd' ] : format.match(/[djmnYy]/g);
  const numbers = text.trim().match(/^\d+([\s./-]+\d+){2}[.]?$/) ? text.match(/\d+/g) : [];
  const said = Object.fromEntries(order.map((token, index) => [ { j: 'd', n: 'm', y: 'Y' }[token] ?? token, numbers[index] ]));
  const date = new Date(Number(said.Y), Number(said.m) - 1, Number(said.d));
  const isThatDay = date.getMonth() === said.m - 1 && date.getDate() === Number(said.d) && said.Y?.length === 4;
  return isThatDay ? date : new Date(NaN);
}

// Words that the library writes into its fields without asking.
const worded = kind => Object.assign(props => {
  const place = useRef();
  useLayoutEffect(() => {
    for (const input of place.current.querySelectorAll('input[placeholder]')) input.placeholder = placeholder(input.placeholder);
    const text = place.current.querySelector('.fjs-filepicker-button')?.firstChild;
    // the very node stays: the library would put its own back beside another one
    if (text?.data === 'Browse') text.data = t('Browse');
  });
  return h('div', { ref: place, class: 'worded' }, h(kind, props));
}, { config: kind.config });

function placeholder(text) {
  if (text === 'hh:mm') return t('hh:mm');
  if (text === 'hh:mm --') return t('hh:mm --');
  const parts = { y: t('yyyy'), m: t('mm'), d: t('dd') };
  return text.replace(/yyyy|mm|dd/g, part => parts[part[0]]);
}

class WordedFields {
  constructor(formFields) {
    formFields.register('datetime', worded(Datetime));
    formFields.register('filepicker', worded(FilePicker));
  }
}
WordedFields.$inject = [ 'formFields' ];
