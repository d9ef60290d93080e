// Editors write files their own way. What they leave alone keeps the letters it had: a small change makes a small difference.
import { jsonInFormatOf } from './json-format.js';
import { xmlInFormatOf } from './xml-format.js';

/** What an editor wrote, in the hand of the file as it was opened; `untouched` is what the editor writes without a change. */
export function inFormatOf(original, untouched, written, name) {
  if (written === untouched) return original;
  try {
    return name.endsWith('.form') ? jsonInFormatOf(original, written) : xmlInFormatOf(original, written);
  } catch (error) {
    // what was drawn is worth more than how it is laid out
    console.error(error);
    return written;
  }
}
