// Diagrams with the path that a case has travelled:
//   <figure class="diagram" data-viewer data-diagram-url="…" aria-label="…"><script type="application/json">
//     {"passed": {"Task_a": 2, "Flow_1": 2}, "current": ["Task_b"], "failed": [], "cancelled": [], "labels": {"Task_a": "调查"}}
// data-viewer="here" shows the current place at reading size instead of the whole.
// A click on an element tells "casewright:element" { id } ({ id: null } beside all); [data-show-element="Task_a"] shows one,
// and pointing at a row with data-element marks its element.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import { PathDrawing } from './path-drawing.js';
import { addZoomButtons, fit, showElement } from './viewport.js';
import { t } from './words.js';

for (const figure of document.querySelectorAll('[data-viewer]')) {
  open(figure).catch(error => {
    console.error(error);
    const text = document.createElement('p');
    text.className = 'diagram-problem';
    text.textContent = t('The diagram could not be drawn. The history tells the same in words.');
    figure.append(text);
  });
}

async function open(figure) {
  const content = JSON.parse(figure.querySelector('script[type="application/json"]')?.textContent || '{}');
  const xml = content.xml ?? await read(figure.dataset.diagramUrl);
  const viewer = new NavigatedViewer({ container: figure });
  viewer.on('import.parse.complete', ({ elementsById }) => translate(elementsById ?? {}, content.labels ?? {}));
  await viewer.importXML(xml);
  const drawing = new PathDrawing(viewer), place = drawing.place(content.current);
  drawing.draw(content);
  fit(viewer, figure, place);
  addZoomButtons(viewer, figure, place);
  connect(viewer, figure);
}

async function read(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  return response.text();
}

/** The names in the diagram, in the reader's language, before they are drawn. */
function translate(elements, labels) {
  for (const [ id, text ] of Object.entries(labels)) {
    const element = elements[id];
    if (element) element[element.$type === 'bpmn:TextAnnotation' ? 'text' : 'name'] = text;
  }
}

function connect(viewer, figure) {
  const canvas = viewer.get('canvas'), registry = viewer.get('elementRegistry');
  const mark = (id, marker) => {
    registry.filter(each => canvas.hasMarker(each, marker)).forEach(each => canvas.removeMarker(each, marker));
    if (id && registry.get(id)) canvas.addMarker(id, marker);
  };
  viewer.on('element.click', ({ element }) => {
    const id = element === canvas.getRootElement() ? null : (element.labelTarget ?? element).id;
    mark(id, 'is-chosen');
    figure.dispatchEvent(new CustomEvent('casewright:element', { bubbles: true, detail: { id } }));
  });
  document.addEventListener('click', event => {
    const id = event.target.closest('[data-show-element]')?.dataset.showElement;
    if (!id || !registry.get(id)) return;
    mark(id, 'is-chosen');
    showElement(viewer, id);
    figure.scrollIntoView({ block: 'nearest' });
  });
  for (const kind of [ 'mouseover', 'focusin' ]) {
    document.addEventListener(kind, event => mark(event.target.closest?.('[data-element]')?.dataset.element, 'is-pointed'));
  }
}
