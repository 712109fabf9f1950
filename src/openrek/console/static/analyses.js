// The state of the page: its analyses, and how an image becomes one. It depends on no element.
import * as api from "./api.js";
import { mustShrink, shrink } from "./picture.js";

const PAGE = 18;

/** Whether an error may be gone at the next attempt: no answer, too busy, broken inside. */
const mayPass = (error) => error instanceof api.ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);

/**
 * State: `known` (summaries, newest first), `next` (where the server's list goes on, or null), `result` (the one shown),
 * `busy` (what is under way, or null), `shrunk` (sizes before and after, if the last picture was made smaller),
 * `error` (or `{refused, count}`, if some of several pictures failed), `locked` (the server wants a login). Calls `onChange` after every change.
 */
export class Analyses {
  constructor(onChange) {
    this.onChange = onChange;
    this.known = [];
    this.next = null;
    this.result = null;
    this.busy = null;
    this.shrunk = null;
    this.error = null;
    this.locked = false;
    this.logins = 0;
    this.waiting = [];
    this.refused = [];
  }

  change(values) {
    Object.assign(this, values);
    this.onChange();
  }

  /** Runs `work`. A 401 locks the page, any other failure becomes `error`. True on success. */
  async attempt(work, again) {
    const { logins } = this;
    this.change({ error: null });
    try {
      await work();
      return true;
    } catch (error) {
      if (error.name === "AbortError") this.change({ busy: null, cancelled: true });
      // Sent before a login and rejected after it: the login already handles that.
      else if (error.status === 401 && logins !== this.logins) return this.attempt(work, again);
      else if (error.status === 401) this.change({ busy: null, locked: true });
      else this.change({ busy: null, error, again });
      return false;
    }
  }

  /** The first page of the list; keeps what is shown. */
  refresh() {
    return this.attempt(
      async () => {
        const { analyses, next } = await api.listAnalyses(PAGE);
        if (this.locked) this.logins += 1;
        this.change({ known: analyses, next, locked: false });
      },
      () => this.refresh(),
    );
  }

  /** The next page of the list. */
  more() {
    return this.attempt(
      async () => {
        const { analyses, next } = await api.listAnalyses(PAGE, this.next);
        this.change({ known: [...this.known, ...analyses], next });
      },
      () => this.more(),
    );
  }

  /** Shows the analysis `id`. */
  open(id) {
    return this.attempt(
      async () => {
        this.change({ busy: { phase: "opening" }, shrunk: null });
        const result = await api.readAnalysis(id);
        this.change({ result, busy: null });
      },
      () => this.open(id),
    );
  }

  /** Removes an analysis: the one shown, or a damaged one of the list. */
  async remove(id) {
    return this.attempt(
      async () => {
        await api.deleteAnalysis(id);
        const result = this.result?.id === id ? null : this.result;
        this.change({ result, known: this.known.filter((analysis) => analysis.id !== id) });
      },
      () => this.remove(id),
    );
  }

  /** Analyses files one after another; more may be added while it runs. `onResult` gets each result. */
  async add(files, onResult) {
    this.waiting.push(...files);
    this.count = (this.running ? this.count : 0) + files.length;
    if (this.running) return;
    this.running = true;
    let file;
    while ((file = this.waiting[0])) {
      const index = this.count - this.waiting.length + 1;
      const done = await this.attempt(
        () => this.analyse(file, index, onResult),
        () => this.add([], onResult),
      );
      // A rejected image stays first if trying again can help; otherwise the next ones are sent.
      if (!done && (this.locked || mayPass(this.error))) break;
      this.waiting.shift();
      if (!done && this.error) this.refused.push({ name: file.name, error: this.error });
    }
    this.running = false;
    if (!this.waiting.length) this.tellRefused();
  }

  /** The errors of one run: of a single image its error, of several a list. */
  tellRefused() {
    const refused = this.refused;
    this.refused = [];
    if (!refused.length) return;
    this.change({ error: this.count === 1 ? refused[0].error : { refused, count: this.count }, again: null });
  }

  async analyse(file, index, onResult) {
    const preview = URL.createObjectURL(file);
    this.stopper = new AbortController();
    const busy = (phase, share) => this.change({ busy: { phase, share, preview, index, count: this.count } });
    try {
      this.change({ shrunk: null, cancelled: false });
      let blob = file;
      if (mustShrink(file)) {
        busy("preparing");
        blob = await shrink(file);
        this.stopper.signal.throwIfAborted();
        this.change({ shrunk: { before: file.size, after: blob.size } });
      }
      busy("sending", 0);
      const result = await api.createAnalysis(blob, {
        signal: this.stopper.signal,
        onProgress: (share) => busy(share < 1 ? "sending" : "recognising", share),
      });
      this.change({ result, busy: null });
      onResult(result);
    } finally {
      URL.revokeObjectURL(preview);
    }
    await this.refresh();
  }

  /** Cancels the current image and clears the queue. */
  cancel() {
    this.waiting = this.waiting.slice(0, 1);
    this.stopper?.abort();
  }
}
