// XML written anew in the hand of an older text: its order, its indentation, its comments, its letters where nothing changed.

const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|[^<]+/g;
const ATTRIBUTE = /(\s+)([^\s=]+)(\s*=\s*)("[^"]*"|'[^']*')/g;
const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function xmlInFormatOf(original, written) {
  const old = read(original), fresh = read(written);
  if (old.name !== fresh.name) throw new Error(`Expected <${old.name}>, but <${fresh.name}> was written.`);
  return original.slice(0, old.start) + print(old, fresh) + original.slice(old.end);
}

/** The root element: each with the place where it stands, its attributes, its children and its text. */
function read(text) {
  const top = { children: [], names: new Map() };
  const open = [ top ];
  let at = 0;
  for (const token of text.matchAll(TOKEN)) {
    if (token.index !== at) break;
    at += token[0].length;
    const around = open[open.length - 1];
    const [ whole, data, closed, name, attributes, isEmpty ] = token;
    if (closed) {
      open.pop();
      Object.assign(around, { contentEnd: token.index, end: at });
    } else if (name) {
      const element = opened(text, token.index, whole, name, attributes, around);
      around.children.push(element);
      if (isEmpty) Object.assign(element, { contentEnd: at, end: at, isEmpty: true });
      else open.push(element);
    } else if (data !== undefined) around.text += data;
    else if (!/^<[!?]/.test(whole)) around.text += plain(whole);
  }
  if (at !== text.length || open.length !== 1 || top.children.length !== 1) throw new Error('Expected well-formed XML.');
  return top.children[0];
}

function opened(source, start, whole, name, attributes, around) {
  const names = new Map(around.names), found = [];
  for (const [ , space, key, equals, quoted ] of attributes.matchAll(ATTRIBUTE)) {
    found.push({ space, key, equals, quoted, value: plain(quoted.slice(1, -1)) });
    if (key === 'xmlns' || key.startsWith('xmlns:')) names.set(key.slice(6), plain(quoted.slice(1, -1)));
  }
  const element = { source, start, contentStart: start + whole.length, name, names, attributes: found, children: [], text: '' };
  element.kind = full(name, names);
  for (const attribute of found) attribute.kind = attribute.key.includes(':') ? full(attribute.key, names) : attribute.key;
  return element;
}

function full(name, names) {
  const [ local, prefix = '' ] = name.split(':').reverse();
  return `{${names.get(prefix) ?? prefix}}${local}`;
}

const plain = text => text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name) => {
  if (name[0] !== '#') return ENTITIES[name] ?? whole;
  return String.fromCodePoint(name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
});

const isNamespace = ({ key }) => key === 'xmlns' || key.startsWith('xmlns:');

/** What an element says, whatever its layout; the order counts among children of a kind alone. */
function meaning(element) {
  element.meaning ??= JSON.stringify([
    element.kind,
    element.attributes.filter(each => !isNamespace(each)).map(each => [ each.kind, each.value ]).sort(),
    element.children.length ? '' : element.text,
    element.children.map(child => [ child.kind, meaning(child) ]).sort(([ one ], [ other ]) => one < other ? -1 : one > other ? 1 : 0)
  ]);
  return element.meaning;
}

function print(old, fresh) {
  if (meaning(old) === meaning(fresh)) return slice(old);
  const tag = `<${old.name}${printAttributes(old, fresh)}`;
  if (!fresh.children.length && !old.children.length) {
    const content = old.text === fresh.text ? inside(old) : inside(fresh);
    return content ? `${tag}>${content}</${old.name}>` : `${tag}${emptyEnd(old)}`;
  }
  if (!fresh.children.length) return fresh.text ? `${tag}>${inside(fresh)}</${old.name}>` : `${tag} />`;
  const indent = indentOf(old), inner = old.children.length ? indentOf(old.children[0]) : `${indent}  `;
  const children = arranged(old, fresh).map(({ was, is }) => was
    ? leading(old, was) + print(was, is)
    : `\n${inner}${reindented(is, inner)}`);
  const last = old.children[old.children.length - 1];
  const trailing = last ? old.source.slice(last.end, old.contentEnd) : `\n${indent}`;
  return `${tag}>${children.join('')}${trailing}</${old.name}>`;
}

function printAttributes(old, fresh) {
  const now = new Map(fresh.attributes.map(attribute => [ attribute.kind, attribute ]));
  const kept = old.attributes.map(attribute => {
    const { kind, space, key, equals, quoted, value } = attribute, is = now.get(kind);
    if (is) now.delete(kind);
    if (isNamespace(attribute) || is?.value === value) return `${space}${key}${equals}${quoted}`;
    return is ? `${space}${key}${equals}${is.quoted}` : '';
  });
  return kept.join('') + [ ...now.values() ].map(({ key, quoted }) => ` ${key}=${quoted}`).join('');
}

/** Pictures of elements, whose order means nothing; editors put the last one moved at the end. */
const isPicture = ({ kind }) => /}(BPMN|DMN)(Shape|Edge)$/.test(kind);

/** The children as they are now, each with what it was; in the old order as far as that is nothing but layout. */
function arranged(old, fresh) {
  const pairs = partners(old, fresh), sorted = [];
  const places = new Map();
  for (const { was, is } of pairs) {
    if (!was || isPicture(is)) continue;
    const place = old.children.indexOf(was);
    if (place < (places.get(is.kind) ?? -1)) return pairs;
    places.set(is.kind, place);
  }
  for (const pair of pairs.filter(({ was }) => was)) sorted.push(pair);
  sorted.sort((one, other) => old.children.indexOf(one.was) - old.children.indexOf(other.was));
  pairs.forEach((pair, index) => {
    if (pair.was) return;
    const before = pairs.slice(0, index).reverse();
    const neighbour = before.find(({ is }) => is.kind === pair.is.kind) ?? before[0];
    sorted.splice(neighbour ? sorted.indexOf(neighbour) + 1 : 0, 0, pair);
  });
  return sorted;
}

function partners(old, fresh) {
  const free = new Set(old.children), found = new Map();
  const pair = test => {
    for (const is of fresh.children) {
      if (found.has(is)) continue;
      const was = [ ...free ].find(each => each.kind === is.kind && test(each, is));
      if (!was) continue;
      found.set(is, was);
      free.delete(was);
    }
  };
  const id = element => element.attributes.find(({ key }) => key === 'id')?.value;
  pair((was, is) => id(was) !== undefined && id(was) === id(is));
  pair((was, is) => meaning(was) === meaning(is));
  pair((was, is) => id(was) === undefined || id(is) === undefined);
  return fresh.children.map(is => ({ was: found.get(is), is }));
}

/** What stands between a child and the one before it: line breaks, comments. */
function leading(parent, child) {
  const index = parent.children.indexOf(child);
  return parent.source.slice(index ? parent.children[index - 1].end : parent.contentStart, child.start);
}

const slice = element => element.source.slice(element.start, element.end);
const inside = element => element.isEmpty ? '' : element.source.slice(element.contentStart, element.contentEnd);
const indentOf = element => element.source.slice(0, element.start).match(/[ \t]*$/)[0];
const emptyEnd = element => element.isEmpty ? slice(element).match(/\s*\/>$/)[0] : `></${element.name}>`;

function reindented(element, indent) {
  const was = indentOf(element);
  return was === indent ? slice(element) : slice(element).replaceAll(`\n${was}`, `\n${indent}`);
}
