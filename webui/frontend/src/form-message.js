// What a form tells its reader: what is wrong and where, what the server said, and how the draft stands.
import { t } from './words.js';

export class FormMessage {
  constructor(root) {
    this._root = root;
    this._notice = root.querySelector('[data-form-message]') ?? root.insertBefore(document.createElement('div'), root.firstChild);
    this._notice.tabIndex = -1;
    this._notice.hidden = true;
    this._state = root.querySelector('[data-form-state]') ?? this._addState();
  }

  _addState() {
    const state = document.createElement('span');
    state.setAttribute('role', 'status');
    (this._root.querySelector('.actions') ?? this._root).append(state);
    return state;
  }

  /** How the draft stands, quietly beside the button. */
  tell(state, text) {
    this._state.className = 'form-state';
    this._state.dataset.state = state;
    this._state.textContent = text;
  }

  clear() {
    this._notice.hidden = true;
  }

  /** Name all fields that need another look, and take the reader to the first. */
  askForCorrection(others = []) {
    // the fields draw their errors after the event that reports them
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const fields = [ ...this._root.querySelectorAll('.fjs-has-errors') ].filter(each => !each.querySelector('.fjs-has-errors'));
      const items = fields.map(field => this._linkTo(field));
      this._show('wrong', t('Please look at these answers again'), [ ...items, ...others.map(text => entry(text)) ]);
      focusable(fields[0])?.focus();
      if (!fields.length) this._notice.focus();
    }));
  }

  /** The server said no; what was typed stays. */
  refuse(status, reply) {
    const text = reply.message ?? (status === 0
      ? t('The server is out of reach. What you typed is kept; send it again in a moment.')
      : t('The server did not take it. What you typed is kept; send it again in a moment.'));
    const items = (reply.problems ?? []).map(problem => problem.message).filter(each => each !== text).map(each => entry(each));
    this._show('wrong', text, items);
    if (reply.sign_in) this._addLink(reply.sign_in, t('Sign in'));
    this._notice.focus();
  }

  /** Something to choose. */
  offer(text, action, act) {
    this._show('info', text, []);
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = action;
    button.addEventListener('click', () => { this.clear(); act(); });
    this._notice.firstChild.append(button);
  }

  _show(kind, text, items) {
    const inner = document.createElement('div'), sentence = document.createElement(items.length ? 'h2' : 'p');
    sentence.textContent = text;
    inner.append(sentence);
    if (items.length) {
      const list = document.createElement('ul');
      list.append(...items);
      inner.append(list);
    }
    this._notice.className = 'notice';
    this._notice.dataset.kind = kind;
    this._notice.setAttribute('role', kind === 'wrong' ? 'alert' : 'status');
    this._notice.replaceChildren(inner);
    this._notice.hidden = false;
  }

  _addLink(href, text) {
    const link = document.createElement('a');
    link.href = href;
    link.textContent = text;
    this._notice.firstChild.append(' ', link);
  }

  _linkTo(field) {
    const label = field.querySelector('label, legend, .fjs-form-field-label')?.textContent.replace(/\*$/, '').trim() ?? '';
    const error = field.querySelector('.fjs-form-field-error')?.textContent.trim() ?? '';
    const link = document.createElement('a');
    link.href = '#';
    link.textContent = label ? `${label} – ${error}` : error;
    link.addEventListener('click', event => { event.preventDefault(); focusable(field)?.focus(); });
    return entry(link);
  }
}

const focusable = field => field?.querySelector('input:not([type=hidden], :disabled), select:not(:disabled), textarea:not(:disabled), button');

function entry(content) {
  const item = document.createElement('li');
  item.append(content);
  return item;
}
