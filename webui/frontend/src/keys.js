// Keyboard: j and k move between rows ([data-row] with a .row-link in it), Enter opens as links do, and every element with
// data-key="c" is pressed by its key: the one in the row that has the focus first, else the page's. "?" shows what there is.
import { t } from './words.js';

export function startKeys() {
  for (const element of document.querySelectorAll('[data-key]')) {
    element.setAttribute('aria-keyshortcuts', element.dataset.key);
  }
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    if (act(event.key)) event.preventDefault();
  });
}

function isTyping(element) {
  return element.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]');
}

function act(key) {
  if (key === 'j' || key === 'k') return move(key === 'j' ? 1 : -1);
  if (key === '?') return explain();
  const element = withKey(key) ?? (key === '/' ? document.querySelector('input[type=search]') : null);
  if (!element) return false;
  element.focus();
  if (element.matches('button, a, summary')) element.click(); else element.select?.();
  return true;
}

const isVisible = element => element.checkVisibility();
const rows = () => [ ...document.querySelectorAll('[data-row]') ].filter(isVisible);
const currentRow = () => document.activeElement?.closest('[data-row]');

function move(step) {
  const all = rows(), here = all.indexOf(currentRow() ?? document.querySelector('[data-row][aria-current=true]'));
  const next = all[here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1)];
  const link = next?.querySelector('.row-link, a');
  if (!link) return false;
  link.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

function withKey(key) {
  const fitting = [ ...document.querySelectorAll('[data-key]') ].filter(each => each.dataset.key === key && isVisible(each));
  return fitting.find(each => currentRow()?.contains(each)) ?? fitting.find(each => !each.closest('[data-row]'));
}

function explain() {
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'keys-title');
  const known = new Map();
  if (rows().length) {
    for (const [ key, words ] of [ [ 'j', t('Next row') ], [ 'k', t('Previous row') ], [ 'Enter', t('Open the row') ] ]) {
      known.set(key, words);
    }
  }
  if (document.querySelector('input[type=search]')) known.set('/', t('Search'));
  for (const element of [ ...document.querySelectorAll('[data-key]') ].filter(isVisible)) {
    known.set(element.dataset.key, nameOf(element));
  }
  known.set('?', t('These keys'));
  dialog.innerHTML = '<header><h2 id="keys-title"></h2><form method="dialog"><button class="button small"></button></form></header><dl class="keys"></dl>';
  dialog.querySelector('h2').textContent = t('Keys');
  dialog.querySelector('button').textContent = t('Close');
  dialog.querySelector('dl').append(...[ ...known ].map(([ key, words ]) => {
    const line = document.createElement('div');
    line.innerHTML = '<dt></dt><dd><kbd></kbd></dd>';
    line.querySelector('dt').textContent = words;
    line.querySelector('kbd').textContent = key;
    return line;
  }));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

function nameOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll('kbd, svg').forEach(each => each.remove());
  return element.ariaLabel || copy.textContent.trim() || element.placeholder || element.dataset.key;
}
