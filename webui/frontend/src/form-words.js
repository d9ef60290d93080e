// The form library asks its `translate` service for every word; it is ours, fed by the page's catalogue. The calendar brings
// its own Chinese.
import flatpickr from 'flatpickr';
import { language, t } from './words.js';

export async function translation() {
  if (language.startsWith('zh')) {
    const { Mandarin } = await import('flatpickr/dist/l10n/zh.js');
    flatpickr.localize(Mandarin);
  }
  return { translate: [ 'value', t ] };
}
