// Two versions of a diagram beside each other, moved and scaled together:
//   <figure class="diagram" data-comparison="before" data-file="a.bpmn"><script type="application/json">
//     {"xml": "…", "marks": {"Task_a": "changed"}, "words": {"Look": "查看"}}
// A button with data-show-before, data-show-after and data-file shows an element in both.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import './comparison.css';
import { addZoomButtons, fit, showElement } from './viewport.js';
import { t } from './words.js';

const SIGNS = { added: '+', removed: '−', changed: '~', moved: '→' };
const NAMES = { added: t('new'), removed: t('gone'), changed: t('changed'), moved: t('moved') };

/** File → its opened sides: { before: { viewer, figure }, after: … } */
const files = new Map();

for (const figure of document.querySelectorAll('[data-comparison]')) {
  open(figure).catch(error => {
    console.error(error);
    const text = document.createElement('p');
    text.className = 'diagram-problem';
    text.textContent = t('The diagram could not be drawn. The history tells the same in words.');
    figure.append(text);
  });
}

async function open(figure) {
  const { xml, marks, words } = JSON.parse(figure.querySelector('script').textContent);
  const viewer = new NavigatedViewer({ container: figure });
  viewer.on('import.parse.complete', ({ elementsById }) => translate(elementsById ?? {}, words));
  await viewer.importXML(xml);
  draw(viewer, marks);
  fit(viewer, figure);
  addZoomButtons(viewer, figure);
  moveByKeys(viewer, figure);
  const sides = files.get(figure.dataset.file) ?? {};
  sides[figure.dataset.comparison] = { viewer, figure };
  files.set(figure.dataset.file, sides);
  if (sides.before && sides.after) {
    follow(sides.before, sides.after);
    follow(sides.after, sides.before);
  }
}

function translate(elements, words) {
  for (const element of Object.values(elements)) {
    for (const property of [ 'name', 'text' ]) {
      const text = typeof element[property] === 'string' ? element[property].trim() : '';
      if (words[text]) element[property] = words[text];
    }
  }
}

function draw(viewer, marks) {
  const canvas = viewer.get('canvas'), registry = viewer.get('elementRegistry'), overlays = viewer.get('overlays');
  for (const [ id, sign ] of Object.entries(marks)) {
    const element = registry.get(id);
    if (!element || element === canvas.getRootElement()) continue;
    canvas.addMarker(id, `compared-${sign}`);
    const badge = document.createElement('span');
    badge.className = 'change-sign';
    badge.dataset.sign = sign;
    badge.textContent = SIGNS[sign];
    badge.title = NAMES[sign];
    overlays.add(id, { position: position(element), html: badge, show: { minZoom: 0.25 } });
  }
}

function position(element) {
  if (!element.waypoints) return { top: -10, left: -10 };
  const { x, y } = element.waypoints[Math.floor((element.waypoints.length - 1) / 2)];
  const next = element.waypoints[Math.floor((element.waypoints.length - 1) / 2) + 1];
  const left = Math.min(...element.waypoints.map(point => point.x)), top = Math.min(...element.waypoints.map(point => point.y));
  return { left: (x + next.x) / 2 - left - 10, top: (y + next.y) / 2 - top - 10 };
}

/** What one shows, the other shows. */
function follow(from, to) {
  from.viewer.on('canvas.viewbox.changed', ({ viewbox }) => {
    const canvas = to.viewer.get('canvas'), { x, y, width, height } = canvas.viewbox();
    const isThere = [ x - viewbox.x, y - viewbox.y, width - viewbox.width, height - viewbox.height ].every(each => Math.abs(each) < 1);
    if (isThere || from.isFollowing) return;
    to.isFollowing = true;
    canvas.viewbox({ x: viewbox.x, y: viewbox.y, width: viewbox.width, height: viewbox.height });
    to.isFollowing = false;
  });
}

const STEPS = { ArrowLeft: [ 60, 0 ], ArrowRight: [ -60, 0 ], ArrowUp: [ 0, 60 ], ArrowDown: [ 0, -60 ] };

function moveByKeys(viewer, figure) {
  const canvas = viewer.get('canvas');
  figure.addEventListener('keydown', event => {
    if (event.target !== figure) return;
    const step = STEPS[event.key];
    if (step) canvas.scroll({ dx: step[0], dy: step[1] });
    else if (event.key === '+') canvas.zoom(Math.min(canvas.zoom() * 1.25, 3));
    else if (event.key === '-') canvas.zoom(Math.max(canvas.zoom() * 0.8, 0.2));
    else return;
    event.preventDefault();
  });
}

document.addEventListener('click', event => {
  const button = event.target.closest('button[data-show-after]');
  const sides = button && files.get(button.dataset.file);
  if (!sides) return;
  const ids = { before: button.dataset.showBefore, after: button.dataset.showAfter };
  for (const [ name, side ] of Object.entries(sides)) choose(side.viewer, ids[name]);
  const main = sides.after?.viewer.get('elementRegistry').get(ids.after) ? 'after' : 'before';
  if (!sides[main]?.viewer.get('elementRegistry').get(ids[main])) return;
  const canvas = sides[main].viewer.get('canvas');
  if (canvas.zoom() < 0.6) canvas.zoom(0.8);
  showElement(sides[main].viewer, ids[main]);
  sides[main].figure.scrollIntoView({ block: 'center' });
});

function choose(viewer, id) {
  const canvas = viewer.get('canvas'), registry = viewer.get('elementRegistry');
  registry.filter(each => canvas.hasMarker(each, 'is-chosen')).forEach(each => canvas.removeMarker(each, 'is-chosen'));
  if (id && registry.get(id)) canvas.addMarker(id, 'is-chosen');
}
