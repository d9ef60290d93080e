// Which part of a diagram is seen, and how large.
import { t } from './words.js';

const LEGIBLE = 0.45;
const SIGNS = {
  larger: 'M12 5v14M5 12h14',
  smaller: 'M5 12h14',
  whole: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  here: 'M12 3v4M12 17v4M3 12h4M17 12h4M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0'
};

/** Show the whole where it stays legible, else the current place; again whenever the room changes, until somebody moves it. */
export function fit(viewer, figure, current) {
  const canvas = viewer.get('canvas');
  let isMoved = false;
  const show = () => {
    // a page that is hidden or on its way out has no room, and no scale can be reckoned from that
    if (!figure.clientWidth || !figure.clientHeight) return;
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
    const isHere = figure.dataset.viewer === 'here';
    if (canvas.zoom() > 1) canvas.zoom(1, 'auto');
    if (current && viewer.get('elementRegistry').get(current) && (isHere || canvas.zoom() < LEGIBLE)) {
      canvas.zoom(isHere ? 0.9 : 0.7);
      showElement(viewer, current);
    }
  };
  show();
  const watch = new ResizeObserver(() => isMoved || show());
  watch.observe(figure);

  // a wheel over the diagram scrolls the page, until the diagram is clicked
  const zoomScroll = viewer.get('zoomScroll');
  zoomScroll.toggle(false);
  figure.addEventListener('pointerdown', () => { isMoved = true; zoomScroll.toggle(true); });
  figure.addEventListener('pointerleave', () => zoomScroll.toggle(false));
}

/** Bring an element into the middle. */
export function showElement(viewer, id) {
  const canvas = viewer.get('canvas'), element = viewer.get('elementRegistry').get(id);
  const { x, y, width, height } = canvas.getAbsoluteBBox(element), { width: roomX, height: roomY } = canvas.getSize();
  canvas.scroll({ dx: roomX / 2 - (x + width / 2), dy: roomY / 2 - (y + height / 2) });
}

export function addZoomButtons(viewer, figure, current) {
  const canvas = viewer.get('canvas'), group = document.createElement('div');
  const step = factor => () => canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, 0.2), 3));
  const buttons = [
    [ SIGNS.larger, t('Larger'), step(1.25) ],
    [ SIGNS.smaller, t('Smaller'), step(0.8) ],
    [ SIGNS.whole, t('The whole diagram'), () => canvas.zoom('fit-viewport', 'auto') ]
  ];
  if (current) buttons.push([ SIGNS.here, t('Where the case is'), () => showElement(viewer, current) ]);
  group.className = 'diagram-zoom';
  group.append(...buttons.map(([ sign, name, act ]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${sign}"/></svg>`;
    button.title = button.ariaLabel = name;
    button.addEventListener('click', act);
    return button;
  }));
  figure.append(group);
}
