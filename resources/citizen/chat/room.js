import { ask } from "../js/api.js";
import { focusOn, h } from "../js/dom.js";
import { Kept, forgetOthers } from "../js/kept.js";
import { Link } from "../js/link.js";
import { Outbox } from "../js/outbox.js";
import { Prefs } from "../js/prefs.js";
import { Say } from "../js/say.js";
import { Session } from "../js/session.js";
import { Signals, pageState } from "../js/signals.js";
import { composerView } from "./composer.js";
import { Follow } from "./follow.js";
import { headerView } from "./header.js";
import { listView } from "./list.js";
import { overView } from "./over.js";
import { Screens, loadScreens } from "./screens.js";
import { loadTexts } from "./texts.js";
import { Uploads } from "./uploads.js";

const { centre, chosen, largest, keepDays, consent } = document.documentElement.dataset;

/** The chat: one conversation, its place in the queue, and everything that is on its way in either direction. */
class Room {
  centre = centre;
  prefs = new Prefs();
  session = new Session();
  say = new Say();
  connected = true;
  started = false;
  #offset = 0;
  #over = false;
  #unseen = 0;
  #readUpTo = "";

  constructor(texts, screenTexts) {
    this.texts = texts;
    this.screens = new Screens(this, screenTexts, Number(keepDays));
    this.signals = new Signals(() => false, () => this.#part());
  }

  start() {
    this.link = new Link({
      state: (state) => this.#takeState(state),
      event: (event) => this.#hear(() => this.#takeEvent(event)),
      signal: (signal) => this.#hear(() => this.session.takeSignal(signal)),
      session: (facts) => this.#hear(() => this.session.takeSession(facts)),
      connected: () => this.#hear(() => this.#back()),
      lost: () => this.#hear(() => (this.connected = false)),
      refused: () => this.#part(),
    });
    this.link.open();
  }

  // ── what a citizen can do ─────────────────────────────────────────────────────────────────────

  write(text, attachments = []) {
    this.follow.now();
    this.outbox.put("message.sent", { party: "citizen", text, language: chosen, attachments });
  }

  sendAgain(id) {
    this.outbox.again(this.session.own(id));
  }

  /** Throws `Problem` where the hub was not told; that it has ended is then told by the hub. */
  async end() {
    await ask("/c/api/end", {});
  }

  // ── what the hub says ─────────────────────────────────────────────────────────────────────────

  #takeState(state) {
    if (this.session.id && state.session !== this.session.id) {
      this.#part();
      return;
    }
    this.#offset = Date.parse(state.time) - Date.now();
    const first = !this.session.id;
    const known = this.#theirs().length;
    this.session.takeState(state);
    if (first) this.#settle();
    else if (this.#theirs().length > known) this.#arrived(this.#theirs().at(-1));
    this.changed();
    this.started = true;
  }

  #settle() {
    this.kept = new Kept(this.session.id, () => localStorage); // a closed tab is opened again: nothing may be lost
    forgetOthers(this.session.id);
    this.signals.session = this.session.id;
    this.outbox = new Outbox(this.kept, {
      session: this.session.id,
      clock: () => new Date(Date.now() + this.#offset),
      onChange: (event, state, answer) => this.#hear(() => this.#takeOwn(event, state, answer)),
      onTrouble: (problem) => (problem?.moved || problem?.status === 401) && this.#part(),
    });
    for (const event of this.outbox.waiting) this.session.takeOwn(event, "pending");
    this.uploads = new Uploads(this, Number(largest));
    this.#build();
    this.#listenToWindow();
    this.outbox.flush();
  }

  #takeOwn(event, state, answer) {
    this.session.takeOwn(event, state, answer);
    this.screens.takeOwn(event, state, answer);
    const told = { sent: "sent.say", refused: "refused.say" }[state];
    if (told && event.type === "message.sent") this.say.aloud(this.texts.say(told));
  }

  #takeEvent(event) {
    this.session.takeEvent(event);
    if (event.type === "message.sent" && event.body.party !== "citizen") this.#arrived(event.body);
  }

  #arrived({ text, attachments, language }) {
    const words = text || attachments?.[0]?.name || "";
    this.say.aloud(this.texts.say("arrived", { text: words }), language || null);
    if (pageState() !== "open") this.#unseen += 1;
  }

  #hear(take) {
    take();
    this.changed();
  }

  #back() {
    if (!this.connected) this.say.aloud(this.texts.say("back"));
    this.connected = true;
    this.signals.page(pageState());
    this.outbox.flush();
    this.uploads.goOn();
  }

  #listenToWindow() {
    document.addEventListener("visibilitychange", () => {
      if (this.#over) return;
      this.signals.page(pageState());
      if (pageState() === "open") this.#unseen = 0;
      if (pageState() === "open" && !this.connected) this.link.open();
      this.changed();
    });
    addEventListener("pageshow", ({ persisted }) => persisted && !this.#over && this.link.open());
    addEventListener("beforeunload", (leaving) => this.uploads.busy && leaving.preventDefault());
  }

  /** Elsewhere, or over: what was written stays in this browser and is shown when the chat is opened again. */
  #part() {
    if (this.#over) return;
    this.#over = true;
    this.link.close();
    this.outbox?.close();
    this.signals.close();
    if (this.session.closed) return; // it can still be read
    const heading = h("h1", {}, this.texts.say("moved"));
    const again = h("a", { class: "button", href: "/c/chat" }, this.texts.say("reopen"));
    document.body.replaceChildren(h("main", { class: "alone" }, heading, again));
    focusOn(heading);
  }

  // ── the page ──────────────────────────────────────────────────────────────────────────────────

  #build() {
    const header = headerView(this);
    const list = listView(this);
    const composer = composerView(this);
    const over = overView(this);
    const main = h("main", { id: "main" }, list.element, over.element);
    const footer = h("footer", {}, composer.element);
    const room = h("div", { class: "room" }, header.element, main, footer);
    this.parts = [header, list, over, composer];
    this.title = document.title;
    this.follow = new Follow(room, header.element, footer);
    document.body.replaceChildren(room, this.say.element);
  }

  changed() {
    if (this.#over || !this.parts) return;
    for (const part of this.parts) part.update();
    document.title = this.#unseen ? `(${this.#unseen}) ${this.title}` : this.title;
    this.follow.keep();
    this.#tellRead();
    if (this.session.closed && !this.outbox.waiting.length) this.kept.clear();
  }

  #theirs() {
    return this.session.lines.filter(({ kind, party }) => kind === "message" && party !== "citizen");
  }

  /** The agent may know what was seen, once a person can have seen it. */
  #tellRead() {
    const last = this.#theirs().at(-1);
    if (!last || last.id === this.#readUpTo || pageState() !== "open" || this.session.closed) return;
    this.#readUpTo = last.id;
    if (this.session.readByCitizen !== last.id) this.outbox.put("message.read", { message: last.id, party: "citizen" });
  }
}

const room = new Room(await loadTexts(document.documentElement.lang), await loadScreens(chosen, consent));
room.start();
