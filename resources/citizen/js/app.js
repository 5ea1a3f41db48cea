import { Acts } from "./acts.js";
import { ask, linkOpens } from "./api.js";
import { focusOn } from "./dom.js";
import { Kept } from "./kept.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { Prefs } from "./prefs.js";
import { Say } from "./say.js";
import { Session } from "./session.js";
import { Signals, pageState } from "./signals.js";
import { buildPage } from "./views/page.js";
import { loadConsent } from "./views/consent.js";
import { lastWord } from "./views/ended.js";

/**
 * The page after entering. It owns the parts and offers the views what a citizen can do; the views read `session`, `ui`,
 * `prefs`, and are told by `changed()` to look again.
 *
 * `ui`: `mode` screens | voice | plain, `talk` open, `unread`, `current` push, `wanted` and `arrived` pushes, `ask` (a purpose
 * asked for by the citizen), `connected`, `linkTrouble`, `sendTrouble`, `started`.
 */
export class App extends Acts {
  session = new Session();
  prefs = new Prefs();
  say = new Say();
  ui = {
    mode: "screens", talk: false, unread: 0, current: "", wanted: "", arrived: "", ask: "",
    connected: false, linkTrouble: null, sendTrouble: null, started: false,
  };
  #offset = 0;
  #told = new Set();
  #read = new Set();
  page = null;
  #over = false;

  constructor({ texts, centre, keepDays, consentTexts, token }) {
    super();
    Object.assign(this, { texts, centre, keepDays, consentTexts, token });
    const mayMirror = () => this.sharing() && this.ui.mode === "screens";
    this.signals = new Signals(mayMirror, () => this.#part("trouble.moved"));
  }

  /** Connect and show; resolves when the first state is on the page. */
  async start() {
    await loadConsent(this.consentTexts);
    return new Promise((resolve) => {
      this.link = new Link({
        state: (state) => {
          this.#takeState(state);
          resolve();
        },
        event: (event) => this.#takeEvent(event),
        signal: (signal) => this.#hear(() => this.session.takeSignal(signal)),
        session: (facts) => {
          this.#hear(() => this.session.takeSession(facts));
          this.#tidy();
        },
        connected: () => this.#connected(),
        lost: (problem) => this.#lost(problem),
        refused: (problem) => this.#refused(problem),
      });
      this.link.open();
    });
  }

  /** Look again: every view brings itself up to date. */
  changed() {
    if (this.#over || !this.page) return;
    document.body.dataset.mode = this.ui.mode;
    document.body.dataset.connected = String(this.ui.connected);
    document.body.dataset.stage = this.session.pushed(this.ui.current)?.screen.kind ?? "";
    this.page.update();
  }

  /** The hub holds the citizen's "yes" to looking together. */
  sharing() {
    return this.session.mayNow("share_screen") && !this.session.closed;
  }

  /** End this page: cookie and everything kept in this tab go, the link and the call stay. */
  async leave() {
    const over = this.#over; // then the cookie is another page's
    this.#stop();
    if (!over) await ask("/c/api/leave", {}).catch(() => null);
    this.kept.clear();
    sessionStorage.removeItem(this.token);
    this.#say("left");
  }

  /** Tell once that a screen is here, or was seen by a person. */
  told(type, push) {
    const name = type.split(".")[1];
    const key = `${name} ${push}`;
    const pushed = this.session.pushed(push);
    if (this.#told.has(key) || pushed.told.has(name) || pushed.withdrawn) return;
    this.#told.add(key);
    const tell = () => setTimeout(() => this.outbox.put(type, { push }));
    // after the frame that paints the screen: being fast for the citizen comes first; a hidden page has no frames
    if (document.visibilityState === "visible") requestAnimationFrame(tell);
    else tell();
  }

  mirrorNow() {
    if (this.sharing() && this.ui.mode === "screens") this.page.screens.mirror();
  }

  // ── what the hub says ─────────────────────────────────────────────────────────────────────────

  #takeState(state) {
    if (this.session.id && state.session !== this.session.id) {
      this.#part("trouble.moved");
      return;
    }
    this.#offset = Date.parse(state.time) - Date.now();
    const first = !this.session.id;
    const unread = this.ui.unread;
    this.session.takeState(state);
    if (first) this.#settle();
    this.countUnread();
    if (this.ui.unread > unread) this.#messageArrived(this.session.lines.filter(isTheirs).at(-1));
    this.changed();
    this.#tidy();
    this.ui.started = true;
  }

  #settle() {
    this.kept = new Kept(this.session.id);
    this.signals.session = this.session.id;
    this.ui.mode = this.kept.read("mode", "screens");
    this.outbox = new Outbox(this.kept, {
      session: this.session.id,
      clock: () => new Date(Date.now() + this.#offset),
      onChange: (event, state, answer) => this.#takeOwn(event, state, answer),
      onTrouble: (problem) => this.#takeTrouble(problem),
    });
    for (const event of this.outbox.waiting) this.session.takeOwn(event, "pending");
    this.#readSoFar();
    this.build();
    this.#listenToWindow();
    this.outbox.flush();
  }

  #takeEvent(event) {
    this.#hear(() => this.session.takeEvent(event));
    if (event.type === "message.sent" && event.body.party !== "citizen") this.#messageArrived(event.body);
    if (event.type === "caption.said" && this.prefs.get("readAloud")) this.say.aloud(event.body.text, event.body.language);
    if (event.type === "screen.pushed" || event.type === "consent.answered") this.mirrorNow();
  }

  #hear(take) {
    take();
    this.countUnread();
    this.changed();
  }

  #takeOwn(event, state, answer) {
    this.session.takeOwn(event, state, answer);
    if (state === "refused" && SETTLED.has(answer.code)) this.session.drop(event.id);
    if (state === "sent" && event.type === "screen.answered") this.#answered(event);
    if (state === "sent" && event.type === "consent.answered") this.mirrorNow();
    if (state !== "pending") this.#tidy();
    if (event.type === "message.sent" && state !== "pending") {
      this.say.aloud(this.texts.say(state === "sent" ? "talk.sent.say" : "talk.failed.say"));
    }
    this.changed();
  }

  #answered({ body }) {
    this.kept.forget(`draft:${body.push}`);
    this.say.aloud(this.texts.say("screen.sent"));
  }

  #takeTrouble(problem) {
    this.ui.sendTrouble = problem?.status ? problem : null;
    if (problem?.status === 401) this.#refused(problem);
    if (problem?.moved) this.#part("trouble.moved");
    this.changed();
  }

  #messageArrived({ text, language }) {
    this.say.aloud(this.texts.say("talk.arrived", { text }), language || null);
  }

  #connected() {
    Object.assign(this.ui, { connected: true, linkTrouble: null });
    this.signals.page(pageState());
    this.mirrorNow(); // the hub drops what a page that was away had shown
    this.outbox.flush();
    this.changed();
  }

  #lost(problem) {
    Object.assign(this.ui, { connected: false, linkTrouble: problem });
    this.changed();
  }

  async #refused(problem) {
    const opens = problem.status === 401 && (await linkOpens(this.token));
    this.#part(opens ? "trouble.elsewhere" : "trouble.link");
  }

  /**
   * The hub has no more to do with this page, because of what happened elsewhere. What was written here stays in this
   * tab, is shown, and goes on its way when the page is entered again; after the end the page can still be read.
   */
  #part(key) {
    if (this.#over) return;
    this.#stop();
    if (!this.session.closed) this.#say(key, { act: key === "trouble.link" ? null : goOn, written: this.#written() });
  }

  #written() {
    const waiting = (this.outbox?.waiting ?? []).filter(({ type }) => type === "message.sent");
    return [...waiting.map(({ body }) => body.text), this.kept?.read("draft:talk", "")].filter(Boolean);
  }

  // ── the page itself ───────────────────────────────────────────────────────────────────────────

  build() {
    document.documentElement.lang = this.texts.language;
    document.title = this.texts.say("page.title", { centre: this.centre });
    this.ui.started = false;
    this.page = buildPage(this);
    this.headings = this.page.headings;
    document.body.replaceChildren(...this.page.elements);
    this.changed();
    this.ui.started = true;
    focusOn(this.page.header.title);
  }

  #listenToWindow() {
    document.addEventListener("visibilitychange", () => {
      if (this.#over) return;
      this.signals.page(pageState());
      if (pageState() === "open" && !this.ui.connected) this.link.open();
      this.changed();
    });
    addEventListener("pagehide", () => this.signals.stopMirror());
    addEventListener("pageshow", ({ persisted }) => persisted && !this.#over && this.link.open());
  }

  /** After the end nothing of the consultation stays in this browser, once all of it has been sent. */
  #tidy() {
    if (this.session.closed && !this.outbox.waiting.length) this.kept.clear();
  }

  #readSoFar() {
    for (const line of this.session.lines) this.#read.add(line.id);
  }

  countUnread() {
    const messages = this.session.lines.filter(isTheirs);
    if (this.ui.talk) for (const line of messages) this.#read.add(line.id);
    this.ui.unread = messages.filter((line) => !this.#read.has(line.id)).length;
  }

  #stop() {
    this.#over = true;
    this.link.close();
    this.outbox?.close();
    this.signals.close();
  }

  #say(key, more = {}) {
    const { element, heading, title } = lastWord(this.texts, key, more);
    document.title = title;
    document.body.dataset.mode = "alone";
    document.body.replaceChildren(element);
    focusOn(heading);
  }
}

/** Enter again: this tab's own link, with everything that it kept. */
function goOn() {
  location.reload();
}

function isTheirs({ kind, party }) {
  return kind === "message" && party !== "citizen";
}

/** Refusals that say only that somebody was quicker: the hub's own event tells the rest. */
const SETTLED = new Set(["already-answered", "withdrawn", "unknown-push"]);
