// Copy in one diagram, paste in another, in this window or another one of this browser.
const STORED = 'casewright:diagram-clipboard';

class SharedClipboard {
  constructor(eventBus, clipboard, moddle) {
    eventBus.on('copyPaste.elementsCopied', ({ tree }) => {
      this.text = JSON.stringify(tree);
      try {
        localStorage.setItem(STORED, this.text);
      } catch {
        // far too large to be shared; within this diagram it is copied all the same
        localStorage.removeItem(STORED);
      }
    });
    const take = () => {
      const text = localStorage.getItem(STORED);
      if (!text || text === this.text) return;
      this.text = text;
      clipboard.set(JSON.parse(text, reviver(moddle)));
    };
    addEventListener('storage', event => event.key === STORED && take());
    addEventListener('focus', take);
    take();
  }
}
SharedClipboard.$inject = [ 'eventBus', 'clipboard', 'moddle' ];

function reviver(moddle) {
  const made = new Map();
  return (key, value) => {
    if (typeof value?.$type !== 'string') return value;
    const { $type, ...attributes } = value;
    if (attributes.id && made.has(attributes.id)) return made.get(attributes.id);
    const element = moddle.create($type, attributes);
    if (attributes.id) made.set(attributes.id, element);
    return element;
  };
}

export default { __init__: [ 'sharedClipboard' ], sharedClipboard: [ 'type', SharedClipboard ] };
