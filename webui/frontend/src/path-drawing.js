// Draws on a diagram where a case went: markers for the look (viewer.css) and badges with counts and states.
import { t } from './words.js';

export class PathDrawing {
  constructor(viewer) {
    this._canvas = viewer.get('canvas');
    this._overlays = viewer.get('overlays');
    this._registry = viewer.get('elementRegistry');
  }

  draw({ passed = {}, current = [], failed = [], cancelled = [], more = [], fewer = [], counts = {} }) {
    for (const id of more) this._mark(id, 'is-more');
    for (const id of fewer) this._mark(id, 'is-fewer');
    for (const [ id, text ] of Object.entries(counts)) this._count(id, text);
    for (const [ id, count ] of Object.entries(passed)) {
      this._mark(id, 'is-passed');
      if (count > 1) this._badge(id, 'rounds', `${count}×`, t('{count} rounds', { count }));
    }
    for (const id of cancelled) this._mark(id, 'is-cancelled');
    for (const id of current) {
      if (this._isListening(id)) {
        this._mark(id, 'is-listening');
        continue;
      }
      this._mark(id, 'is-current');
      this._badge(id, 'here', t('here'), t('The case is here'));
    }
    for (const id of failed) {
      this._mark(id, 'is-failed');
      this._badge(id, 'failed', `! ${t('failed')}`, t('This step failed and waits for help'));
    }
  }

  /** The first place where the case is, and not merely ready for something that may happen beside its path. */
  place(current = []) {
    return current.find(id => this._registry.get(id) && !this._isListening(id)) ?? current[0];
  }

  _isListening(id) {
    return [ 'bpmn:StartEvent', 'bpmn:BoundaryEvent' ].includes(this._registry.get(id)?.type);
  }

  _mark(id, marker) {
    if (this._registry.get(id)) this._canvas.addMarker(id, marker);
  }

  /** A text at the middle of a flow. */
  _count(id, text) {
    const points = this._registry.get(id)?.waypoints;
    if (!points) return;
    const at = Math.floor((points.length - 1) / 2), [ from, to ] = [ points[at], points[at + 1] ];
    const left = Math.min(...points.map(each => each.x)), top = Math.min(...points.map(each => each.y));
    const badge = document.createElement('div');
    badge.className = 'path-badge count';
    badge.textContent = text;
    this._overlays.add(id, 'path-count', { position: { left: (from.x + to.x) / 2 - left - 20, top: (from.y + to.y) / 2 - top - 22 }, html: badge });
  }

  _badge(id, kind, text, title) {
    const element = this._registry.get(id);
    // a count on a flow would hide the flow
    if (!element || element.waypoints) return;
    const badge = document.createElement('div');
    badge.className = `path-badge ${kind}`;
    badge.textContent = text;
    badge.title = title;
    const position = kind === 'rounds' ? { top: -11, right: 12 } : { top: -11, left: -8 };
    this._overlays.add(id, `path-${kind}`, { position, html: badge });
  }
}
