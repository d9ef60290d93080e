// Saving a diagram as somebody else wrote it: only what was changed changes in the text. The library writes a whole file
// anew, in its own order of attributes, without comments and without what it does not know. So we look at what it would
// have written for the file as it was (`before`) and writes now (`after`), and carry over only the difference.

/** `original` with the changes that lead from `before` to `after`. */
export function carriedOver(original, before, after) {
  if (before === after) return original;
  const old = parse(original);
  const text = merged(old, parse(before), parse(after), '');
  return original.slice(0, old.start) + text + original.slice(old.end);
}

function merged(old, before, after, indent) {
  if (before.canon === after.canon) return old.source;
  const start = startTag(old, before, after);
  if (!old.children.length && !before.children.length && !after.children.length) {
    const inner = before.text === after.text ? old.inner : after.inner;
    return inner === '' && old.isEmpty ? start : `${opened(start)}${inner}</${old.name}>`;
  }
  const items = inOrder(keptItems(old, before, after, indent));
  addNew(items, old, before, after, indent);
  if (!items.length) return opened(start) + (old.children.length ? '' : old.inner) + `</${old.name}>`;
  const tail = old.children.length ? old.inner.slice(old.children.at(-1).end - old.innerStart) : `\n${indent}`;
  return opened(start) + items.map(each => each.lead + each.text).join('') + tail + `</${old.name}>`;
}

function keptItems(old, before, after, indent) {
  const toBefore = paired(old.children, before.children), toAfter = paired(before.children, after.children);
  const items = [];
  let last = old.innerStart;
  for (const child of old.children) {
    const lead = old.document.slice(last, child.start), known = toBefore.get(child), next = known && toAfter.get(known);
    last = child.end;
    if (!known) items.push({ lead, text: child.source, index: null });
    else if (next) items.push({ lead, text: merged(child, known, next, indentIn(lead) ?? indent), index: after.children.indexOf(next) });
  }
  return items;
}

/** In the order of the new file; what only the old one has stays behind what it followed. */
function inOrder(items) {
  const places = items.filter(each => each.index !== null).map(each => each.index);
  if (places.every((place, at) => !at || places[at - 1] < place)) return items;
  const runs = [];
  for (const item of items) {
    if (item.index === null && runs.length) runs.at(-1).push(item);
    else runs.push([ item ]);
  }
  return runs.sort((one, other) => (one[0].index ?? -1) - (other[0].index ?? -1)).flat();
}

function addNew(items, old, before, after, indent) {
  const fromOld = paired(old.children, before.children), known = new Set(fromOld.values());
  const fromBefore = paired(before.children, after.children);
  const carried = new Set();
  for (const [ one, other ] of fromBefore) if (known.has(one) || one.canon === other.canon) carried.add(other);
  const lead = old.children.length ? old.document.slice(old.innerStart, old.children[0].start) : '';
  const childIndent = indentIn(lead) ?? `${indent}  `;
  after.children.forEach((child, index) => {
    if (carried.has(child)) return;
    let place = items.length;
    while (place > 0 && (items[place - 1].index ?? -1) > index) place--;
    if (place === items.length) while (place > 0 && items[place - 1].index === null) place--;
    items.splice(place, 0, { lead: `\n${childIndent}`, text: reindented(child, childIndent), index });
  });
}

function reindented(node, indent) {
  const own = indentIn(node.document.slice(0, node.start)) ?? '';
  return node.source.split('\n').map((line, at) => at && line.startsWith(own) ? indent + line.slice(own.length) : line).join('\n');
}

function indentIn(lead) {
  return /\n([ \t]*)$/.exec(lead)?.[1];
}

const opened = start => start.replace(/\s*\/>$/, '>');

function startTag(old, before, after) {
  let tag = old.startSource;
  const was = new Map(before.attributes.map(each => [ each.key, each ])), is = new Map(after.attributes.map(each => [ each.key, each ]));
  for (const attribute of [ ...old.attributes ].reverse()) {
    const from = attribute.start - old.start, to = attribute.end - old.start, now = is.get(attribute.key);
    if (was.has(attribute.key) && !now) tag = tag.slice(0, from).replace(/\s+$/, '') + tag.slice(to);
    else if (now && now.value !== was.get(attribute.key)?.value) tag = `${tag.slice(0, from)}${attribute.name}="${now.raw}"${tag.slice(to)}`;
  }
  const mine = new Set(old.attributes.map(each => each.key));
  const added = after.attributes.filter(each => !mine.has(each.key) && each.value !== was.get(each.key)?.value);
  return tag.replace(/\s*(\/?>)$/, (whole, end) => added.map(each => ` ${each.name}="${each.raw}"`).join('') + whole.replace(end, '') + end);
}

/** Which of the other children each is: by id, else the very same, else the next of the same name. */
function paired(children, others) {
  const pairs = new Map(), free = new Set(others);
  const take = (child, found) => { if (found) { pairs.set(child, found); free.delete(found); } };
  const byId = new Map(others.filter(each => each.id).map(each => [ each.idKey, each ]));
  for (const child of children) if (child.id) take(child, byId.get(child.idKey));
  const by = key => {
    const found = new Map();
    for (const each of free) if (!each.id) found.set(each[key], [ ...found.get(each[key]) ?? [], each ]);
    return found;
  };
  for (const key of [ 'canon', 'key' ]) {
    const rest = by(key);
    for (const child of children) if (!child.id && !pairs.has(child)) take(child, rest.get(child[key])?.shift());
  }
  return pairs;
}

// --- reading: no more than well-formed files need; every node knows its place in the text

const TOKEN = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<!DOCTYPE[^>]*>|<\/[^>]*>|<(?:[^<>"']|"[^"]*"|'[^']*')*>/g;
const ATTRIBUTE = /([^\s=\/<>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

class Node {
  constructor(document, start, startSource, parent) {
    Object.assign(this, { document, start, startSource, children: [], innerStart: start + startSource.length });
    this.name = /^<([^\s\/>]+)/.exec(startSource)[1];
    this.isEmpty = startSource.endsWith('/>');
    this.spaces = { ...parent?.spaces };
    this.attributes = [ ...startSource.slice(this.name.length + 1).matchAll(ATTRIBUTE) ].map(found => {
      const at = start + this.name.length + 1 + found.index, raw = found[2] ?? found[3];
      return { name: found[1], raw: raw.replace(/"/g, '&quot;'), value: decoded(raw), start: at, end: at + found[0].length };
    });
    for (const { name, value } of this.attributes) if (/^xmlns(:|$)/.test(name)) this.spaces[name.slice(6)] = value;
    for (const each of this.attributes) each.key = each.name.includes(':') && !each.name.startsWith('xmlns') ? this.expanded(each.name) : each.name;
    this.key = this.expanded(this.name);
    this.id = this.attributes.find(each => each.name === 'id')?.value;
    this.idKey = `${this.key}#${this.id}`;
  }

  expanded(name) {
    const [ prefix, local ] = name.includes(':') ? name.split(':') : [ '', name ];
    return `{${this.spaces[prefix] ?? prefix}}${local}`;
  }

  get source() { return this.document.slice(this.start, this.end); }

  get inner() { return this.document.slice(this.innerStart, this.innerEnd); }

  get text() { return this.children.length ? '' : decoded(this.inner.replace(/<!--[\s\S]*?-->/g, '')); }

  get canon() {
    this.canonical ??= JSON.stringify([
      this.key, this.attributes.filter(each => !each.name.startsWith('xmlns')).map(each => `${each.key}=${each.value}`).sort(),
      this.children.length ? this.children.map(each => each.canon) : this.text
    ]);
    return this.canonical;
  }
}

export function parse(document) {
  const open = [];
  let root = null;
  for (const found of document.matchAll(TOKEN)) {
    const [ token ] = found;
    if (token.startsWith('<!') || token.startsWith('<?')) continue;
    if (token.startsWith('</')) {
      const node = open.pop();
      node.innerEnd = found.index;
      node.end = found.index + token.length;
      continue;
    }
    const node = new Node(document, found.index, token, open.at(-1));
    if (open.length) open.at(-1).children.push(node);
    else root ??= node;
    if (node.isEmpty) node.end = node.innerEnd = node.innerStart;
    else open.push(node);
  }
  return root;
}

const NAMED = { lt: '<', gt: '>', amp: '&', quot: '"', apos: '\'' };

function decoded(text) {
  return text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, inner) => inner.replace(/&/g, '&amp;'))
    .replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, number, name) =>
      hex ? String.fromCodePoint(parseInt(hex, 16)) : number ? String.fromCodePoint(Number(number)) : NAMED[name] ?? whole)
    .replace(/\r\n?/g, '\n');
}
