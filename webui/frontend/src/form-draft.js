// What was typed and is not yet sent. It goes to the server at most every 1.5 s; until the server has it, a copy lies in this
// browser, so that it survives an expired session, a lost connection, a closed window and a crash.
import { isDone, post } from './requests.js';
import { t } from './words.js';

const PAUSE = 1500;
const RETRY = 10_000;
const KEPT_FOR = 14 * 24 * 3_600_000;

export class Draft {
  constructor(root, message) {
    this._url = root.dataset.draftUrl;
    this._savedAt = root.dataset.draftSavedAt || null;
    this._key = `casewright:${root.dataset.storage ?? location.pathname}`;
    this._message = message;
    // a draft that the server does not take must not outlive the window: it may be a shared computer
    this._store = this._url ? localStorage : sessionStorage;
    this._values = null;
    this._isPaused = true;
    this._timer = null;
    this._sending = null;
    if (!this._url) return;
    addEventListener('online', () => this._soon(0));
    addEventListener('pagehide', () => this._values && !this._isPaused && this._send({ lastWords: true }));
    addEventListener('beforeunload', event => this._isLost && event.preventDefault());
  }

  /** What to fill in first: this browser's copy when the server never got it, else the server's draft. */
  latest(saved, fill) {
    const copy = this._copy();
    const server = { values: saved ?? {}, isOnServer: true };
    if (!copy) return server;
    const isNewer = copy.base === this._savedAt || copy.at > Date.parse(this._savedAt ?? 0);
    const here = { values: copy.values, isOnServer: false };
    const time = new Date(copy.at).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
    if (isNewer) {
      this._message.offer(t('What you typed here on {time} was not saved, so it is put back.', { time }),
        saved ? t('Use the saved version') : t('Start afresh'), () => this._switch(server, fill));
      return here;
    }
    this._message.offer(t('Text typed here on {time} was not saved, and a newer version is.', { time }),
      t('Use the text typed here'), () => this._switch(here, fill));
    return server;
  }

  /** The form is filled in; from now on changes count. */
  begin(isOnServer) {
    this._isPaused = false;
    const copy = this._copy();
    if (!isOnServer && copy) this.changed(copy.values);
    else if (this._savedAt) this._message.tell('saved', t('Draft saved'));
  }

  changed(values) {
    if (this._isPaused) return;
    this.keep(values);
    this._soon(PAUSE);
  }

  /** Keep a copy in this browser. */
  keep(values) {
    this._values = values;
    this._isLost = false;
    try {
      this._store.setItem(this._key, JSON.stringify({ values, at: Date.now(), base: this._savedAt }));
    } catch {
      // private windows and full stores: then leaving the page must be asked about
      this._isLost = true;
    }
  }

  /** Save nothing until resume(); waits for what is on its way. */
  async pause() {
    this._isPaused = true;
    clearTimeout(this._timer);
    await this._sending;
  }

  resume() {
    this._isPaused = false;
    this._soon(PAUSE);
  }

  forget() {
    this._isPaused = true;
    this._values = null;
    this._isLost = false;
    clearTimeout(this._timer);
    this._store.removeItem(this._key);
  }

  _soon(milliseconds) {
    if (!this._url || this._isPaused || !this._values) return;
    // no new start of the clock with every key: while one types it is saved, too
    this._timer ??= setTimeout(() => { this._timer = null; this._send(); }, milliseconds);
  }

  async _send(options) {
    if (this._sending) return this._soon(PAUSE);
    const values = this._values;
    if (!values || this._isPaused) return;
    this._message.tell('saving', t('Saving …'));
    this._sending = post(this._url, values, options);
    const { status, reply } = await this._sending;
    this._sending = null;
    if (isDone(status)) this._saved(values, reply);
    else this._refused(status, reply);
  }

  _saved(values, reply) {
    this._savedAt = reply.saved_at ?? this._savedAt;
    if (this._values !== values) return this._soon(PAUSE);
    this._values = null;
    this._isLost = false;
    this._store.removeItem(this._key);
    this._message.tell('saved', t('Draft saved'));
  }

  _refused(status, reply) {
    if (status === 0 || status >= 500) {
      this._message.tell('offline', t('Not saved, the server is out of reach. What you type is kept on this device.'));
      setTimeout(() => this._soon(0), RETRY);
      return;
    }
    this._message.tell('refused', t('Not saved. What you type is kept on this device.'));
    if (status === 422 || status === 413) return;
    this._isPaused = true;
    this._message.refuse(status, reply);
  }

  _switch(version, fill) {
    this._isPaused = true;
    if (version.isOnServer) this.forget();
    fill(version);
  }

  _copy() {
    try {
      const copy = JSON.parse(this._store.getItem(this._key));
      if (copy && Date.now() - copy.at < KEPT_FOR) return copy;
      this._store.removeItem(this._key);
    } catch {
      // no store in this window
    }
    return null;
  }
}
