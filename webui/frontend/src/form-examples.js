// Example data for a form under work: what a case would have by then, as far as the form shows it without asking for it.

const VALUES = {
  number: () => 120,
  checkbox: () => true,
  datetime: ({ subtype }) => subtype === 'time' ? '09:30' : subtype === 'datetime' ? '2026-11-30T09:30' : '2026-11-30',
  radio: ({ values }) => values?.[0]?.value,
  select: ({ values }) => values?.[0]?.value,
  checklist: ({ values }) => values?.slice(0, 2).map(({ value }) => value),
  taglist: ({ values }) => values?.slice(0, 2).map(({ value }) => value)
};

export function exampleData(schema) {
  const data = {};
  for (const component of all(schema.components)) {
    const example = (VALUES[component.type] ?? (() => component.label ?? component.key))(component);
    if (component.key && (component.readonly === true || component.disabled === true) && example !== undefined) put(data, component.key, example);
    for (const name of mentioned(component)) if (!(name in data)) data[name] = inWords(name);
  }
  return data;
}

function* all(components = []) {
  for (const component of components) {
    yield component;
    if (!component.path) yield* all(component.components);
  }
}

/** The names that texts show: {{customerName}}. */
const mentioned = ({ text, label, description }) =>
  [ text, label, description ].flatMap(words => [ ...String(words ?? '').matchAll(/{{\s*([a-z_]\w*)\s*}}/gi) ].map(([ , name ]) => name));

const inWords = name => `‹${name.replace(/([a-z])([A-Z])/g, (whole, one, other) => `${one} ${other.toLowerCase()}`)}›`;

function put(data, key, value) {
  const path = key.split('.'), last = path.pop();
  path.reduce((inner, step) => inner[step] ??= {}, data)[last] = value;
}
