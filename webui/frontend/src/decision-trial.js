// A decision tried out: values typed, the rows that apply marked, the answer told; the server decides, and keeps nothing.
//   <form data-trial data-try="/projects/7/files/a.dmn/try"> <div data-trial-inputs>, <div data-trial-answer role="status">
import { isDone, post } from './requests.js';
import { t } from './words.js';

const ASK_AFTER_MS = 600;

export class DecisionTrial {
  /** `onMade` is given the rows that applied, each [id]. */
  constructor(root, { content, decision, onMade }) {
    this.form = root.querySelector('[data-trial]');
    if (!this.form) return;
    Object.assign(this, { content, decision, onMade, values: {} });
    this.inputs = this.form.querySelector('[data-trial-inputs]');
    this.answer = this.form.querySelector('[data-trial-answer]');
    this.form.addEventListener('input', ({ target }) => this.values[target.name] = target.value);
    this.form.addEventListener('submit', event => { event.preventDefault(); this.make(); });
  }

  /** The table has changed, or another one is open: what it asks may be something else. */
  ask() {
    if (!this.form) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.send(null), ASK_AFTER_MS);
  }

  async make() {
    const reply = await this.send(this.values);
    if (reply) this.tell(reply);
  }

  async send(values) {
    const decision = this.decision();
    this.form.hidden = !decision;
    if (!decision) return null;
    const { status, reply } = await post(this.form.dataset.try, { content: await this.content(), decision, values });
    if (!isDone(status)) {
      if (values) this.answer.replaceChildren(sentence(reply.message ?? t('The server is out of reach. Try again in a moment.'), 'wrong'));
      return null;
    }
    this.draw(reply.asked);
    return reply;
  }

  draw(asked) {
    const key = JSON.stringify(asked);
    if (key === this.drawn) return;
    this.drawn = key;
    this.onMade([]);
    this.answer.replaceChildren();
    this.inputs.replaceChildren(...asked.map(({ name, label, kind }, index) => {
      const field = document.createElement('div'), words = document.createElement('label');
      field.className = 'field';
      words.htmlFor = `trial-${index}`;
      words.textContent = label;
      const input = kind === 'boolean' ? choice([ '', 'true', 'false' ]) : document.createElement('input');
      Object.assign(input, { id: words.htmlFor, name, value: this.values[name] ?? '' });
      input.setAttribute('aria-describedby', `${words.htmlFor}-wrong`);
      const wrong = document.createElement('p');
      Object.assign(wrong, { id: `${words.htmlFor}-wrong`, className: 'field-error' });
      wrong.dataset.wrong = name;
      field.append(words, input, wrong);
      return field;
    }));
  }

  tell({ value, made, warnings, problems }) {
    for (const place of this.inputs.querySelectorAll('[data-wrong]')) {
      place.textContent = problems.filter(({ name }) => name === place.dataset.wrong).map(({ message }) => message).join(' ');
    }
    if (problems.length) {
      this.onMade([]);
      this.answer.replaceChildren(sentence(t('Please look at these values again.'), 'wrong'));
      return;
    }
    const rows = made.map(({ name, rules, value }) => sentence(rules.length
      ? t('{name}: row {rows} → {value}', { name, rows: rules.map(({ index }) => index).join(', '), value: readable(value) })
      : t('{name}: no row applies → {value}', { name, value: readable(value) })));
    const result = sentence(t('The answer: {value}', { value: readable(value) }), 'result');
    this.answer.replaceChildren(result, ...rows, ...warnings.map(text => sentence(text, 'wrong')));
    this.onMade(made.flatMap(({ rules }) => rules.map(({ id }) => [ id ])));
  }
}

function readable(text) {
  const value = JSON.parse(text);
  if (value === null) return t('nothing');
  if (value === true) return t('yes');
  if (value === false) return t('no');
  if (Array.isArray(value)) return value.map(each => readable(JSON.stringify(each))).join(', ') || t('nothing');
  if (typeof value === 'object') return Object.entries(value).map(([ name, each ]) => `${name}: ${readable(JSON.stringify(each))}`).join(', ');
  return String(value);
}

function sentence(text, kind = '') {
  const place = document.createElement('p');
  place.textContent = text;
  place.dataset.kind = kind;
  return place;
}

function choice(values) {
  const select = document.createElement('select');
  const words = { '': '', 'true': t('yes'), 'false': t('no') };
  select.append(...values.map(value => Object.assign(document.createElement('option'), { value, textContent: words[value] })));
  return select;
}
