// The drawing tool in the reader's language: what its community has translated, what we add, and our own catalogue.
import { language, t } from '../words.js';

export async function translationModule() {
  if (!language.startsWith('zh')) return {};
  const { ZH } = await import('./zh.js');
  const translate = (template, values = {}) => {
    const found = ZH[template] ?? t(template);
    return found.replace(/{([^}]+)}/g, (whole, name) => values[name] ?? whole);
  };
  return { translate: [ 'value', translate ] };
}
