// A file of a project while it is edited: saved as one works, never over what somebody else has saved meanwhile, kept on
// this device while the server is out of reach, and checked by the rules that publishing uses.
//   <div data-project-file data-address="/projects/7/files/a.bpmn" data-check="/projects/7/check" data-name="a.bpmn"
//        data-revision="3" [data-readonly]>
//     <p data-file-state role="status">, <p data-file-other hidden>, <dialog data-file-conflict>
import { isDone, post } from './requests.js';
import { t } from './words.js';

const SAVE_AFTER_MS = 1500, CHECK_AFTER_MS = 500, TRY_AGAIN_MS = 5000, PRESENCE_MS = 45_000;

export class ProjectFile {
  /** `read` gives the text as it stands in the editor; `onProblems` is told what publishing would complain about; `checkBy` adds what to check by. */
  constructor(root, { read, onProblems = () => {}, checkBy = () => ({}) }) {
    Object.assign(this, { root, read, onProblems, checkBy });
    const { address, check, name, revision } = root.dataset;
    Object.assign(this, { address, checkAddress: check, name, revision: Number(revision), isReadonly: 'readonly' in root.dataset });
    this.storage = `casewright:file:${address}`;
    this.isDirty = this.isStopped = false;
    root.querySelector('[data-save]')?.addEventListener('click', () => this.save());
    addEventListener('online', () => this.isDirty && this.save());
    addEventListener('beforeunload', event => { if (this.isDirty) event.preventDefault(); });
    document.addEventListener('keydown', event => {
      if ((event.ctrlKey || event.metaKey) && event.key === 's') { event.preventDefault(); this.save(); }
    });
    for (const button of root.querySelectorAll('[data-conflict]')) {
      button.addEventListener('click', () => this.settle(button.dataset.conflict));
    }
    if (!this.isReadonly) this.meet();
  }

  /** What was typed here and never reached the server, made from the very revision that is there now. */
  unsaved() {
    const kept = JSON.parse(localStorage.getItem(this.storage) ?? 'null');
    return kept?.revision === this.revision ? kept.text : null;
  }

  /** Something in the editor has changed. */
  changed() {
    if (this.isReadonly) return;
    this.isDirty = true;
    if (!this.isStopped) {
      this.say('');
      clearTimeout(this.saving);
      this.saving = setTimeout(() => this.save(), SAVE_AFTER_MS);
    }
    clearTimeout(this.checking);
    this.checking = setTimeout(() => this.check(), CHECK_AFTER_MS);
  }

  /** Save now, one request at a time. */
  async save() {
    clearTimeout(this.saving);
    if (this.isReadonly || this.isStopped || this.isBusy || !this.isDirty) return;
    this.isBusy = true;
    this.say(t('Saving …'));
    const content = await this.read();
    this.isDirty = false;
    const { status, reply } = await post(this.address, { content, revision: this.revision });
    this.isBusy = false;
    if (isDone(status)) {
      this.revision = reply.revision;
      localStorage.removeItem(this.storage);
      this.say(t('Saved'), 'done');
      if (this.isDirty) this.changed();
      return;
    }
    this.isDirty = true;
    localStorage.setItem(this.storage, JSON.stringify({ text: content, revision: this.revision }));
    if (status === 409 && reply.revision) this.meetConflict(reply);
    else if (status === 0 || status >= 500) {
      this.say(t('Not saved, the server is out of reach. What you drew is kept on this device.'), 'wrong');
      this.saving = setTimeout(() => this.save(), TRY_AGAIN_MS);
    } else this.say(reply.message ?? t('The server did not take it. What you drew is kept on this device.'), 'wrong');
  }

  /** Ask what publishing would complain about, with the text as it stands. */
  async check() {
    const asked = this.asked = Symbol('asked'), text = await this.read();
    const { status, reply } = await post(this.checkAddress, { files: { [this.name]: text }, ...this.checkBy() });
    if (isDone(status) && this.asked === asked) this.onProblems(reply.problems);
  }

  say(text, kind = '') {
    const place = this.root.querySelector('[data-file-state]');
    if (!place) return;
    place.textContent = text;
    place.dataset.kind = kind;
  }

  meetConflict({ message, revision }) {
    this.isStopped = true;
    this.theirs = revision;
    this.say(message, 'wrong');
    const dialog = this.root.querySelector('[data-file-conflict]');
    if (!dialog) return;
    dialog.querySelector('[data-conflict-message]').textContent = message;
    dialog.showModal();
  }

  /** theirs: load what was saved meanwhile, mine comes down as a file; mine: theirs comes down, and mine is saved. */
  async settle(how) {
    const dialog = this.root.querySelector('[data-file-conflict]');
    if (how === 'theirs') {
      download(this.name, await this.read());
      localStorage.removeItem(this.storage);
      this.isDirty = false;
      location.reload();
      return;
    }
    if (how === 'mine') {
      const response = await fetch(`${this.address}/content`);
      if (!response.ok) return;
      download(this.name, await response.text());
      this.revision = Number(response.headers.get('X-Revision'));
      this.isStopped = false;
      dialog.close();
      await this.save();
      return;
    }
    dialog.close();
  }

  /** Tell that this editor is open, and show who else has the file open. */
  async meet() {
    const { status, reply } = await post(`${this.address}/presence`, {});
    const place = this.root.querySelector('[data-file-other]');
    if (isDone(status) && place) {
      place.hidden = !reply.other;
      place.textContent = reply.other ? t('{name} has this file open, too. Who saves second is told.', { name: reply.other }) : '';
    }
    setTimeout(() => this.meet(), PRESENCE_MS);
  }
}

function download(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([ text ]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
