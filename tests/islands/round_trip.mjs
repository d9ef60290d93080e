// Saves diagrams as the editor does: the library's own reading and writing, its difference carried over. Standard input:
// JSON [ path, … ]; standard output: JSON [ { path, kept, renamed, extended, means } | { path, unreadable } ].
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const frontend = process.argv[2];
const require = createRequire(join(frontend, 'package.json'));
const load = path => import(pathToFileURL(path).href);
const { BpmnModdle } = await load(require.resolve('bpmn-moddle').replace('index.cjs', 'index.js'));
const { carriedOver } = await load(join(frontend, 'src/modeler/xml-changes.js'));
const extensions = { zeebe: require('zeebe-bpmn-moddle/resources/zeebe.json'), modeler: require('modeler-moddle/resources/modeler.json') };

const inAnyOrder = xml => xml.split('\n').map(line => line.trim()).sort().join('\n');
const written = async (moddle, element) => (await moddle.toXML(element, { format: true })).xml;

async function look(path) {
  const moddle = new BpmnModdle(extensions), text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  let definitions;
  try {
    ({ rootElement: definitions } = await moddle.fromXML(text));
  } catch (error) {
    return { path, unreadable: error.message };
  }
  const before = await written(moddle, definitions);
  const process = definitions.rootElements?.find(each => each.$type === 'bpmn:Process' && each.flowElements?.length);
  const node = process?.flowElements.find(each => each.$instanceOf('bpmn:FlowNode'));
  const found = { path, original: text, kept: carriedOver(text, before, before) };
  if (!node) return found;
  node.name = 'Renamed & "told" <so>';
  const after = await written(moddle, definitions);
  found.renamed = carriedOver(text, before, after);
  found.id = node.id;
  const reread = await moddle.fromXML(found.renamed);
  found.means = inAnyOrder(await written(moddle, reread.rootElement)) === inAnyOrder(after);
  const task = moddle.create('bpmn:UserTask', { id: 'Added_1', name: 'Added' });
  task.extensionElements = moddle.create('bpmn:ExtensionElements', { values: [ moddle.create('zeebe:UserTask') ] });
  process.flowElements.push(task);
  const extended = await written(moddle, definitions);
  found.extended = carriedOver(text, before, extended);
  const again = await moddle.fromXML(found.extended);
  found.means &&= inAnyOrder(await written(moddle, again.rootElement)) === inAnyOrder(extended);
  return found;
}

const found = [];
for (const path of JSON.parse(readFileSync(0, 'utf8'))) found.push(await look(path));
process.stdout.write(JSON.stringify(found));
