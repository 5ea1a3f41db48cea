import { ask } from "./api.js";

const SILENT_MS = 25000; // the hub gives a sign of life every 10 s
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

/**
 * The page's connection: the state once, then the stream, again and again until `close`.
 *
 * A reconnect starts from a fresh state, so whatever was missed is there; within a connection a head beyond what arrived
 * does the same. Listeners: `state`, `event`, `signal`, `session` with the hub's data; `connected()`, `lost()`;
 * `refused(problem)` when the hub will not have us back (401, 404, 410).
 */
export class Link {
  #listeners;
  #source = null;
  #alarm = 0;
  #timer = 0;
  #tries = 0;
  #lastSeq = 0;
  #closed = false;
  #run = 0;

  #online = () => {
    if (!this.#closed) this.open();
  };

  #offline = () => {
    if (!this.#closed) this.#lost();
  };

  constructor(listeners) {
    this.#listeners = listeners;
    addEventListener("online", this.#online);
    addEventListener("offline", this.#offline);
  }

  /** Connect; used again after a loss. */
  async open() {
    this.#run += 1;
    const run = this.#run;
    clearTimeout(this.#timer);
    this.#drop();
    try {
      const state = await ask("/c/api/state");
      if (run !== this.#run || this.#closed) return;
      this.#lastSeq = state.last_seq;
      this.#listeners.state(state);
      if (!this.#closed) this.#listen(run);
    } catch (problem) {
      if (run === this.#run) this.#failed(problem);
      if (problem.passing === undefined) throw problem; // a mistake of ours: it is told, and tried again all the same
    }
  }

  close() {
    this.#closed = true;
    this.#drop();
    clearTimeout(this.#timer);
    removeEventListener("online", this.#online);
    removeEventListener("offline", this.#offline);
  }

  #listen(run) {
    const source = new EventSource(`/c/api/stream?after=${this.#lastSeq}`);
    this.#source = source;
    const on = (name, act) =>
      source.addEventListener(name, (message) => {
        if (run !== this.#run) return;
        this.#alive();
        act(JSON.parse(message.data));
      });
    on("hello", () => {
      this.#tries = 0;
      this.#listeners.connected();
    });
    on("event", (event) => {
      this.#lastSeq = Math.max(this.#lastSeq, event.seq);
      this.#listeners.event(event);
    });
    on("signal", (signal) => this.#listeners.signal(signal));
    on("session", (facts) => this.#listeners.session(facts));
    on("heads", ({ heads }) => this.#checkHeads(heads));
    source.addEventListener("error", () => run === this.#run && this.#lost());
    this.#alive();
  }

  #checkHeads(heads) {
    const head = Math.max(0, ...Object.values(heads));
    if (head > this.#lastSeq) this.open();
  }

  #alive() {
    clearTimeout(this.#alarm);
    this.#alarm = setTimeout(() => this.#lost(), SILENT_MS);
  }

  #drop() {
    clearTimeout(this.#alarm);
    this.#source?.close();
    this.#source = null;
  }

  #lost() {
    this.#run += 1;
    this.#drop();
    this.#again();
  }

  #failed(problem) {
    if ([401, 403, 404, 410].includes(problem.status)) this.#listeners.refused(problem);
    else this.#again((problem.retryAfter ?? 0) * 1000, problem);
  }

  #again(least = 0, problem = null) {
    if (this.#closed) return;
    this.#listeners.lost(problem);
    const usual = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
    this.#tries += 1;
    const spread = usual * (0.75 + Math.random() / 2); // so that a thousand pages do not come back as one
    this.#timer = setTimeout(() => this.open(), Math.max(spread, least));
  }
}
