// A file of a project while it is edited: saved as one works, never over what somebody else has saved meanwhile, kept on
// this device while the server is out of reach, and checked by the rules that publishing uses.
//   <div data-project-file data-address="/projects/7/files/a.bpmn" data-check="/projects/7/check" data-name="a.bpmn"
//        data-revision="3" [data-readonly]>
//     <p data-file-state role="status">, <p data-file-other hidden>, <dialog data-file-conflict>,
//     <script type="application/json" data-content>{"text": …}</script>
import { inFormatOf } from './file-format.js';
import { FileKeeping } from './file-keeping.js';
import { download, showConflict, showOther, showState } from './file-state.js';
import { isDone, post } from './requests.js';
import { t } from './words.js';

const SAVE_AFTER_MS = 1500, CHECK_AFTER_MS = 500, TRY_AGAIN_MS = 5000, PRESENCE_MS = 45_000;

export class ProjectFile {
  /** `read` gives the text as it stands in the editor; `onProblems` is told what publishing would complain about; `checkBy` adds what to check by. */
  constructor(root, { read, onProblems = () => {}, checkBy = () => ({}) }) {
    Object.assign(this, { root, read, onProblems, checkBy });
    const { address, check, name, revision } = root.dataset;
    Object.assign(this, { address, checkAddress: check, name, revision: Number(revision), isReadonly: 'readonly' in root.dataset });
    this.original = JSON.parse(root.querySelector('[data-content]')?.textContent ?? '{}').text;
    this.kept = new FileKeeping(address);
    this.isDirty = this.isBusy = this.isStopped = false;
    if (!this.isReadonly) this.listen();
  }

  listen() {
    this.root.querySelector('[data-save]')?.addEventListener('click', () => this.save());
    addEventListener('online', () => this.save());
    addEventListener('focus', () => this.isSignedOut && this.signInAgain());
    addEventListener('beforeunload', event => { if (this.isDirty || this.isBusy) event.preventDefault(); });
    // who turns away from the window may close it or put the device to sleep
    document.addEventListener('visibilitychange', () => document.hidden && this.save());
    document.addEventListener('keydown', event => {
      if ((event.ctrlKey || event.metaKey) && event.key === 's') { event.preventDefault(); this.save(); }
    });
    for (const button of this.root.querySelectorAll('[data-conflict]')) {
      button.addEventListener('click', () => this.settle(button.dataset.conflict));
    }
    this.kept.onSavedElsewhere(revision => this.savedElsewhere(revision));
    this.meet();
  }

  /** What was drawn here and never reached the server; it is saved as soon as it is in the editor. */
  unsaved() {
    const kept = this.isReadonly ? null : this.kept.found();
    if (!kept) return null;
    if (kept.text === this.original) { // it did reach the server, and only its answer was lost
      this.kept.forget({ all: true });
      this.say(t('Saved'), 'done');
      return null;
    }
    if (kept.revision !== this.revision) {
      this.say(t('What you drew here was not saved, and a newer version is.'), 'wrong', t('Download what was kept'), () => {
        download(this.name, kept.text);
        this.kept.forget({ all: true });
      });
      return null;
    }
    this.untouched = null; // what the editor would have written of the file as it is there is never known
    this.changed();
    this.say(t('What you drew here was not saved last time, so it is put back.'));
    return kept.text;
  }

  /** The text in the editor, in the hand of the file as it was opened; the editor of diagrams sees to that itself. */
  async written() {
    const text = await this.read();
    if (this.untouched === undefined) this.untouched = text;
    return this.original === undefined || this.name.endsWith('.bpmn') ? text : inFormatOf(this.original, this.untouched, text, this.name);
  }

  /** The editor holds the file as it was opened, and nothing has been changed yet. */
  async opened() {
    if (!this.isDirty) await this.written();
  }

  /** Something in the editor has changed. */
  changed() {
    if (this.isReadonly) return;
    this.isDirty = true;
    if (!this.isStopped && !this.isSignedOut) this.say('');
    this.saveIn(SAVE_AFTER_MS);
    clearTimeout(this.checking);
    this.checking = setTimeout(() => this.check(), CHECK_AFTER_MS);
  }

  saveIn(milliseconds) {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), milliseconds);
  }

  /** Save now, one request at a time; what changes while it is under way is saved after it. */
  async save() {
    clearTimeout(this.saving);
    if (this.isReadonly || this.isBusy || !this.isDirty) return;
    this.isBusy = true;
    try {
      await this.send();
    } finally {
      this.isBusy = false;
    }
    if (this.isDirty && !this.isRefused) this.saveIn(SAVE_AFTER_MS);
  }

  async send() {
    this.isDirty = this.isRefused = false;
    const content = await this.written();
    const isKept = this.kept.keep(content, this.revision);
    if (this.isStopped) return this.refused(this.conflict.message, [ t('Decide …'), () => this.meetConflict(this.conflict) ]);
    this.say(t('Saving …'));
    const { status, reply } = await post(this.address, { content, revision: this.revision });
    if (isDone(status)) {
      this.revision = reply.revision;
      this.isSignedOut = false;
      this.kept.forget();
      this.kept.tellSaved(this.revision);
      this.say(t('Saved'), 'done');
    } else if (status === 409 && reply.revision) this.meetConflict(reply);
    else if (status === 0 || status >= 500) {
      this.refused(isKept ? t('Not saved, the server is out of reach. What you drew is kept on this device.')
        : t('Not saved, and this device has no room to keep it. Leave this page open, or download what you drew.'), isKept ? [] : this.ownDownload());
      this.saveIn(TRY_AGAIN_MS);
    } else if (status === 401) this.askToSignIn(reply.sign_in);
    else if (status === 400 && await this.isTokenOld()) this.isDirty = true;
    else this.refused(reply.message ?? t('The server did not take it. What you drew is kept on this device.'), this.ownDownload());
  }

  refused(text, [ action, act ] = []) {
    this.isDirty = this.isRefused = true;
    this.say(text, 'wrong', action, act);
  }

  ownDownload() {
    return [ t('Download what I drew'), async () => download(this.name, await this.written()) ];
  }

  /** Ask what publishing would complain about, with the text as it stands; one question at a time. */
  async check() {
    if (this.isReadonly) return;
    if (this.isChecking) { this.isCheckWanted = true; return; }
    this.isChecking = true;
    const { status, reply } = await post(this.checkAddress, { files: { [this.name]: await this.written() }, ...this.checkBy() });
    this.isChecking = false;
    if (isDone(status)) this.onProblems(reply.problems);
    if (this.isCheckWanted) {
      this.isCheckWanted = false;
      await this.check();
    }
  }

  say(text, kind = '', action = '', act = null) {
    showState(this.root, text, kind, action, act);
  }

  // --- somebody else, or oneself in another window

  meetConflict(conflict) {
    Object.assign(this, { isStopped: true, conflict });
    this.refused(conflict.message, [ t('Decide …'), () => this.meetConflict(conflict) ]);
    showConflict(this.root, conflict.message);
  }

  /** theirs: load what was saved meanwhile, mine comes down as a file; mine: theirs comes down, and mine is saved. */
  async settle(how) {
    this.root.querySelector('[data-file-conflict]').close();
    if (how === 'theirs') {
      download(this.name, await this.written());
      this.kept.forget({ all: true });
      this.isDirty = this.isBusy = false;
      location.reload();
    } else if (how === 'mine') {
      const response = await fetch(`${this.address}/content`).catch(() => null);
      if (!response?.ok) return this.refused(t('The version of the other person could not be fetched. Nothing was saved.'), [ t('Decide …'), () => this.meetConflict(this.conflict) ]);
      download(this.name, await response.text());
      this.revision = Number(response.headers.get('X-Revision'));
      this.isStopped = false;
      await this.save();
    }
  }

  /** Another window of this browser has saved the file: what is not being worked on here is loaded anew. */
  savedElsewhere(revision) {
    if (revision <= this.revision) return;
    if (!this.isDirty && !this.isBusy && document.hidden) location.reload();
    else this.say(t('You have saved this file in another window.'), 'wrong', this.isDirty ? '' : t('Load it'), () => location.reload());
  }

  /** Tell that this editor is open, and show who else has the file open. */
  async meet() {
    const { status, reply } = await post(`${this.address}/presence`, {});
    if (isDone(status)) showOther(this.root, reply.other);
    setTimeout(() => this.meet(), PRESENCE_MS);
  }

  // --- a session that is over

  askToSignIn(address = '/sign-in') {
    this.isSignedOut = true;
    this.refused(t('You have been signed out. What you drew is kept here; sign in again, then come back to this window.'), [ t('Sign in'), () => open(address, '_blank') ]);
  }

  /** Back in this window: the session may be new, and with it the token that requests carry. */
  async signInAgain() {
    if (await this.isTokenOld()) this.isSignedOut = false;
    if (!this.isSignedOut) await this.save();
  }

  /** Whether this window's token is of an earlier session; the new one is taken. */
  async isTokenOld() {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
    if (!response?.ok || new URL(response.url).pathname !== location.pathname) return false;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const mine = document.querySelector('meta[name=csrf-token]'), token = page.querySelector('meta[name=csrf-token]')?.content;
    if (!token || token === mine.content) return false;
    mine.content = token;
    return true;
  }
}
