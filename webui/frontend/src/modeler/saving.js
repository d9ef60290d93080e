// The text of the diagram as it is saved: the file as it was, with what was changed.
import { carriedOver } from './xml-changes.js';

export class DiagramText {
  constructor(modeler) {
    this.modeler = modeler;
  }

  /** Draws a file. */
  async open(text) {
    this.original = text;
    await this.modeler.importXML(text);
    this.before = await this.written();
  }

  async written() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  async read() {
    const after = await this.written();
    const text = carriedOver(this.original, this.before, after);
    return text === this.original || await this.means(text, after) ? text : after;
  }

  /** Whether a text means what the library would have written. */
  async means(text, after) {
    const moddle = this.modeler.get('moddle');
    try {
      const { rootElement } = await moddle.fromXML(text);
      return inAnyOrder((await moddle.toXML(rootElement, { format: true })).xml) === inAnyOrder(after);
    } catch {
      // not to be read at all, so the library's own text is taken
      return false;
    }
  }
}

const inAnyOrder = xml => xml.split('\n').map(line => line.trim()).sort().join('\n');
