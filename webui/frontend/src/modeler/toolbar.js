// The row of buttons above the canvas, and the panes that can be folded away. Its buttons say what they do: data-do="undo".
import { t } from '../words.js';

const STORED = 'casewright:modeler', PALETTE = 130;

export class Toolbar {
  constructor(modeler, root, { onRules }) {
    Object.assign(this, { modeler, root, onRules });
    this.kept = JSON.parse(localStorage.getItem(STORED) ?? '{}');
    for (const button of root.querySelectorAll('[data-do]')) button.addEventListener('click', () => this[button.dataset.do](button));
    this.showFace();
    this.fold('panel', this.kept.isPanelFolded ?? false);
    this.fold('problems', this.kept.areProblemsFolded ?? false);
    for (const box of root.querySelectorAll('[data-rule]')) {
      box.checked = this.rules.includes(box.value);
      box.addEventListener('change', () => this.chooseRules());
    }
    modeler.on('commandStack.changed', () => this.showSteps());
    modeler.on('tokenSimulation.toggleMode', ({ active }) => {
      root.toggleAttribute('data-simulates', active);
      root.querySelector('[data-do=simulate]').setAttribute('aria-pressed', active);
    });
    this.showSteps();
  }

  /** The house rules that this browser checks by. */
  get rules() {
    return this.kept.rules ?? [];
  }

  chooseRules() {
    this.keep({ rules: [ ...this.root.querySelectorAll('[data-rule]:checked') ].map(box => box.value) });
    this.onRules();
  }

  keep(values) {
    Object.assign(this.kept, values);
    localStorage.setItem(STORED, JSON.stringify(this.kept));
  }

  undo() { this.modeler.get('commandStack').undo(); }

  redo() { this.modeler.get('commandStack').redo(); }

  fit() { fitted(this.modeler); }

  larger() { this.modeler.get('zoomScroll').stepZoom(1); }

  smaller() { this.modeler.get('zoomScroll').stepZoom(-1); }

  find() { this.modeler.get('editorActions').trigger('find'); }

  minimap(button) {
    this.modeler.get('minimap').toggle();
    button.setAttribute('aria-pressed', this.modeler.get('minimap').isOpen());
  }

  simulate() { this.modeler.get('toggleMode').toggleMode(); }

  keys() { this.root.querySelector('[data-keys]').showModal(); }

  closeKeys() { this.root.querySelector('[data-keys]').close(); }

  owner() { this.chooseFace(false); }

  expert() { this.chooseFace(true); }

  foldPanel() {
    this.keep({ isPanelFolded: !this.root.hasAttribute('data-panel-folded') });
    this.fold('panel', this.kept.isPanelFolded);
  }

  foldProblems() {
    this.keep({ areProblemsFolded: !this.root.hasAttribute('data-problems-folded') });
    this.fold('problems', this.kept.areProblemsFolded);
  }

  fold(pane, isFolded) {
    this.root.toggleAttribute(`data-${pane}-folded`, isFolded);
    this.root.querySelector(`[data-do=fold${pane[0].toUpperCase()}${pane.slice(1)}]`).setAttribute('aria-expanded', !isFolded);
  }

  chooseFace(isExpert) {
    this.modeler.get('face').choose(isExpert);
    this.showFace();
  }

  showFace() {
    const { isExpert } = this.modeler.get('face');
    this.root.querySelector('[data-do=owner]').setAttribute('aria-pressed', !isExpert);
    this.root.querySelector('[data-do=expert]').setAttribute('aria-pressed', isExpert);
  }

  showSteps() {
    const stack = this.modeler.get('commandStack');
    this.root.querySelector('[data-do=undo]').disabled = !stack.canUndo();
    this.root.querySelector('[data-do=redo]').disabled = !stack.canRedo();
  }
}

/** The whole diagram, beside the palette. */
export function fitted(modeler) {
  const canvas = modeler.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  const { inner, outer, scale, x } = canvas.viewbox();
  const left = (inner.x - x) * scale, needed = PALETTE - left;
  if (!modeler.get('palette', false) || needed <= 0) return;
  const narrowed = scale * (outer.width - PALETTE - 12) / Math.max(inner.width * scale, outer.width - PALETTE - 12);
  canvas.zoom(Math.min(narrowed, 1), { x: 0, y: outer.height / 2 });
  const now = canvas.viewbox();
  canvas.scroll({ dx: PALETTE - (now.inner.x - now.x) * now.scale, dy: outer.height / 2 - (now.inner.y + now.inner.height / 2 - now.y) * now.scale });
}

/** Says in the middle of the canvas what keeps a diagram from being drawn. */
export function sayOnCanvas(root, text, detail = '') {
  const place = root.querySelector('[data-canvas-message]');
  place.hidden = false;
  place.querySelector('h2').textContent = text;
  place.querySelector('p').textContent = detail;
}

export const couldNotDraw = () => t('This diagram cannot be drawn');
