// What publishing would complain about, on the shapes and in a list below.
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';

const MARK = 'problem-mark';

export class Problems {
  constructor(modeler, root, file) {
    Object.assign(this, { modeler, root, file });
    this.list = root.querySelector('[data-problems]');
    this.count = root.querySelector('[data-problem-count]');
  }

  show(problems) {
    const here = problems.filter(problem => !problem.resource || problem.resource === this.file);
    const elsewhere = problems.filter(problem => !here.includes(problem));
    this.mark(here);
    const errors = problems.filter(problem => problem.severity === 'error').length;
    this.count.textContent = problems.length;
    this.count.dataset.severity = errors ? 'error' : problems.length ? 'warning' : 'none';
    this.root.querySelector('[data-no-problems]').hidden = problems.length > 0;
    this.list.replaceChildren(...[ ...here, ...elsewhere ].sort(byWeight).map(problem => this.row(problem)));
  }

  mark(problems) {
    const overlays = this.modeler.get('overlays'), registry = this.modeler.get('elementRegistry');
    overlays.remove({ type: MARK });
    const byElement = new Map();
    for (const problem of problems) if (problem.element) byElement.set(problem.element, [ ...byElement.get(problem.element) ?? [], problem ]);
    for (const [ id, found ] of byElement) {
      const element = registry.get(id);
      if (!element || !element.parent) continue;
      const mark = document.createElement('button');
      mark.type = 'button';
      mark.className = MARK;
      mark.dataset.severity = found.some(problem => problem.severity === 'error') ? 'error' : 'warning';
      mark.textContent = found.length > 1 ? found.length : '!';
      mark.title = found.map(problem => plain(problem.message)).join('\n');
      mark.setAttribute('aria-label', mark.title);
      mark.addEventListener('click', () => this.choose(found[0]));
      const at = element.waypoints ? { top: 0, left: 0 } : { bottom: 10, left: -10 };
      overlays.add(id, MARK, { position: at, html: mark, show: { minZoom: 0.1 }, scale: { min: 0.7, max: 1 } });
    }
  }

  row(problem) {
    const row = document.createElement('li');
    row.dataset.severity = problem.severity;
    const element = problem.element && this.modeler.get('elementRegistry').get(problem.element);
    const says = document.createElement(element ? 'button' : 'p');
    says.className = 'problem-text';
    says.append(...emphasised(problem.message));
    if (element) {
      says.type = 'button';
      says.addEventListener('click', () => this.choose(problem));
    }
    row.append(says);
    const place = [ problem.resource && problem.resource !== this.file ? problem.resource : '', element ? nameOf(element) : problem.element ?? '' ].filter(Boolean).join(' · ');
    if (place) {
      const where = document.createElement('span');
      where.className = 'problem-place';
      where.textContent = place;
      row.append(where);
    }
    const fix = this.file && (!problem.resource || problem.resource === this.file) && this.modeler.get('quickFixes').of(problem);
    if (fix) {
      const mend = document.createElement('button');
      mend.type = 'button';
      mend.className = 'button small';
      mend.dataset.fix = problem.rule;
      mend.textContent = fix.words;
      mend.addEventListener('click', fix.act);
      row.append(mend);
    }
    return row;
  }

  choose(problem) {
    const element = this.modeler.get('elementRegistry').get(problem.element);
    if (element) this.modeler.get('panelPlaces').show(element, problem.rule);
  }
}

const byWeight = (one, other) => (one.severity === 'error' ? 0 : 1) - (other.severity === 'error' ? 0 : 1);

/** A sentence with *names* set off. */
function emphasised(message) {
  return message.split(/\*([^*]+)\*/).map((part, at) => {
    if (at % 2 === 0) return part;
    const name = document.createElement('strong');
    name.textContent = part;
    return name;
  });
}

const plain = message => message.replace(/\*([^*]+)\*/g, '“$1”');

function nameOf(element) {
  return getBusinessObject(element).get('name')?.replace(/\s+/g, ' ') || t('without a name');
}
