// Evaluates FEEL with the interpreter that forms use in the browser: a line of JSON in, a line of JSON out.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { evaluate } = await import(pathToFileURL(process.argv[2]));

function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value.iso === 'string') return value.iso;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { text, scope } = JSON.parse(line);
  let answer;
  try {
    const result = evaluate(text, scope);
    answer = { value: plain('value' in Object(result) ? result.value : result) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
