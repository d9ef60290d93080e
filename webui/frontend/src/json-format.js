// JSON written anew in the hand of an older text: the order of its keys, its indentation, its letters where nothing changed.

export function jsonInFormatOf(original, written) {
  const old = new Reading(original).document();
  return original.slice(0, old.start) + print(old, JSON.parse(written), '', original) + original.slice(old.end);
}

/** A JSON text taken apart: each value with the place where it stands. */
class Reading {
  constructor(text) { Object.assign(this, { text, at: 0 }); }

  document() {
    const found = this.value();
    this.space();
    if (this.at < this.text.length) throw new Error(`Expected one JSON value, but more follows at ${this.at}.`);
    return found;
  }

  space() { while (/\s/.test(this.text[this.at] ?? '')) this.at++; }

  value() {
    this.space();
    const start = this.at, first = this.text[start];
    const inner = first === '{' ? this.members() : first === '[' ? this.items() : this.plain();
    return { start, end: this.at, value: JSON.parse(this.text.slice(start, this.at)), ...inner };
  }

  members() {
    const members = [];
    this.each('}', () => {
      const start = this.at, key = JSON.parse(this.plainText());
      this.space();
      this.at++;
      members.push({ key, start, node: this.value() });
    });
    return { members };
  }

  items() {
    const items = [];
    this.each(']', () => items.push(this.value()));
    return { items };
  }

  each(end, read) {
    this.at++;
    for (this.space(); this.at < this.text.length && this.text[this.at] !== end; this.space()) {
      if (this.text[this.at] === ',') { this.at++; continue; }
      read();
    }
    this.at++;
  }

  plain() {
    this.plainText();
    return {};
  }

  plainText() {
    const found = this.text.slice(this.at).match(/^("(?:[^"\\]|\\.)*"|[\w.+-]+)/);
    if (!found) throw new Error(`Expected JSON, but something else stands at ${this.at}.`);
    this.at += found[0].length;
    return found[0];
  }
}

function print(old, value, indent, text) {
  if (old && isEqual(old.value, value)) return text.slice(old.start, old.end);
  if (old?.members && isObject(value)) return printObject(old, value, indent, text);
  if (old?.items && Array.isArray(value)) return printList(old, value, indent, text);
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

function printObject(old, value, indent, text) {
  const known = old.members.filter(member => member.key in value);
  const added = Object.keys(value).filter(key => !old.members.some(member => member.key === key));
  const inner = innerIndent(old, old.members[0], indent, text);
  return enclosed('{', '}', inner, indent, [
    ...known.map(({ key, start, node }) => text.slice(start, node.start) + print(node, value[key], inner ?? indent, text)),
    ...added.map(key => `${JSON.stringify(key)}: ${print(null, value[key], inner ?? indent, text)}`)
  ]);
}

function printList(old, value, indent, text) {
  const free = [ ...old.items ], inner = innerIndent(old, old.items[0], indent, text);
  const takeWhere = test => {
    const index = free.findIndex(test);
    return index < 0 ? undefined : free.splice(index, 1)[0];
  };
  // equal ones first, so that none is taken for the changed neighbour
  const partners = value.map(item => takeWhere(node => isEqual(node.value, item)));
  value.forEach((item, index) => {
    partners[index] ??= takeWhere(node => isObject(item) && isObject(node.value) && 'id' in item && node.value.id === item.id);
  });
  value.forEach((item, index) => {
    partners[index] ??= takeWhere(node => isObject(item) && isObject(node.value) && !('id' in item) && old.items.indexOf(node) === index);
  });
  return enclosed('[', ']', inner, indent, value.map((item, index) => print(partners[index], item, inner ?? indent, text)));
}

/** The indentation of what an object or list holds; null where it stands in one line. */
function innerIndent(old, first, indent, text) {
  if (!first) return `${indent}  `;
  return text.slice(old.start + 1, first.start).match(/\n([ \t]*)$/)?.[1] ?? null;
}

function enclosed(open, close, inner, indent, parts) {
  if (!parts.length) return open + close;
  if (inner === null) return `${open} ${parts.join(', ')} ${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);

function isEqual(one, other) {
  if (one === other) return true;
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every(key => key in other && isEqual(one[key], other[key]));
}
