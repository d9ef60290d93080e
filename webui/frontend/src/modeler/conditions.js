// Conditions as sentences: comparisons of a variable with a value, joined by "and" or by "or". Anything else stays FEEL.
const COMPARISON = /^\s*([\p{L}_][\p{L}\p{N}_.]*)\s*(<=|>=|!=|=|<|>)\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)\s*/u;
const JOINT = /^(and|or)\s+/;
export const COMPARISONS = [ '=', '!=', '<', '<=', '>', '>=', 'is empty', 'is not empty' ];

/** { joint, parts: [ { variable, comparison, value } ] } of FEEL that is such a sentence; null of any other. */
export function sentence(feel) {
  const text = (feel ?? '').trim();
  if (!text || text === '=') return { joint: 'and', parts: [] };
  if (!text.startsWith('=')) return null;
  const parts = [];
  let rest = text.slice(1), joint = null;
  for (;;) {
    const [ whole, variable, sign, written ] = COMPARISON.exec(rest) ?? [];
    if (!whole) return null;
    parts.push(part(variable, sign, written));
    rest = rest.slice(whole.length);
    if (!rest) return { joint: joint ?? 'and', parts };
    const [ joined, word ] = JOINT.exec(rest) ?? [];
    if (!joined || joint && joint !== word) return null;
    joint = word;
    rest = rest.slice(joined.length);
  }
}

function part(variable, sign, written) {
  if (written === 'null' && (sign === '=' || sign === '!=')) return { variable, comparison: sign === '=' ? 'is empty' : 'is not empty', value: '' };
  return { variable, comparison: sign, value: written.startsWith('"') ? JSON.parse(written) : written, isText: written.startsWith('"') };
}

/** The FEEL of such a sentence; empty when nothing is asked. */
export function feelOf({ joint, parts }) {
  const asked = parts.filter(each => each.variable);
  return asked.length ? `=${asked.map(comparisonText).join(` ${joint} `)}` : '';
}

function comparisonText({ variable, comparison, value, isText }) {
  if (comparison === 'is empty') return `${variable} = null`;
  if (comparison === 'is not empty') return `${variable} != null`;
  const isLiteral = !isText && /^(-?\d+(\.\d+)?|true|false)$/.test(value);
  return `${variable} ${comparison} ${isLiteral ? value : JSON.stringify(value ?? '')}`;
}
