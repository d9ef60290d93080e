// Spans of time in plain fields: a number and a unit, when they are that simple.
export const UNITS = { PTM: 'minutes', PTH: 'hours', PD: 'days', PW: 'weeks', PM: 'months' };
const PLAIN = /^P(T?)(\d+)([MHDW])$/;
const FROM_NOW = /^=\s*now\(\)\s*\+\s*duration\("([^"]+)"\)\s*$/;
const CALLED = /^=\s*duration\("([^"]+)"\)\s*$/;

/** { number, unit } of an ISO 8601 duration of one part; null of any other text. */
export function plainDuration(text) {
  const [ , time, number, letter ] = PLAIN.exec(text ?? '') ?? [];
  const unit = `P${time}${letter}`;
  return number && UNITS[unit] ? { number: Number(number), unit } : null;
}

/** The span of `=now() + duration("P2D")`, of `=duration("P2D")` and of `P2D`; null of any other text. */
export function plainDeadline(text) {
  return plainDuration((FROM_NOW.exec(text ?? '') ?? CALLED.exec(text ?? ''))?.[1] ?? text);
}

export function durationText({ number, unit }) {
  return `${unit.slice(0, -1)}${number}${unit.slice(-1)}`;
}

export function deadlineText(span) {
  return `=now() + duration("${durationText(span)}")`;
}
