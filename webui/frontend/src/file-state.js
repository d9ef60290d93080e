// How saving stands, who else is here, and the question when somebody was first.
import { t } from './words.js';

export function showState(root, text, kind, action, act) {
  const place = root.querySelector('[data-file-state]');
  if (!place) return;
  place.replaceChildren(text);
  place.dataset.kind = kind;
  if (!action) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button small';
  button.textContent = action;
  button.addEventListener('click', act);
  place.append(' ', button);
}

export function showOther(root, other) {
  const place = root.querySelector('[data-file-other]');
  if (!place) return;
  place.hidden = !other;
  place.textContent = other ? t('{name} has this file open, too. Who saves second is told.', { name: other }) : '';
}

export function showConflict(root, message) {
  const dialog = root.querySelector('[data-file-conflict]');
  dialog.querySelector('[data-conflict-message]').textContent = message;
  if (!dialog.open) dialog.showModal();
}

export function download(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([ text ]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
