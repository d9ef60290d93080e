// The islands' words. They are written in English here and come translated with the page (webui/island_words.py).

const translations = JSON.parse(document.getElementById('island-words')?.textContent ?? '{}');

/** A text in the reader's language, its {names} filled in. */
export function t(text, values = {}) {
  return (translations[text] ?? text).replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);
}

/** The reader's language, as HTML names it. */
export const language = document.documentElement.lang || 'en';
