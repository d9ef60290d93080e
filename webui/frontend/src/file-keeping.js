// What is not saved yet is kept on this device, so that a crash or a dead network costs nothing; other windows of this browser
// with the same file hear of each save.

export class FileKeeping {
  constructor(address) {
    this.storage = `casewright:file:${address}`;
    this.window = crypto.randomUUID?.() ?? String(Math.random());
    this.channel = new BroadcastChannel(this.storage);
  }

  /** What is kept, with the revision that it was made from. */
  found() {
    return JSON.parse(localStorage.getItem(this.storage) ?? 'null');
  }

  /** Whether there was room to keep it. */
  keep(text, revision) {
    try {
      localStorage.setItem(this.storage, JSON.stringify({ text, revision, window: this.window }));
      return true;
    } catch {
      return false;
    }
  }

  /** It has reached the server; what another window keeps stays. */
  forget({ all = false } = {}) {
    if (all || this.found()?.window === this.window) localStorage.removeItem(this.storage);
  }

  tellSaved(revision) {
    this.channel.postMessage(revision);
  }

  onSavedElsewhere(hear) {
    this.channel.onmessage = ({ data }) => hear(data);
  }
}
