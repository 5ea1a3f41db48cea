import { ask } from "../js/api.js";
import { focusOn, h, setText, show } from "../js/dom.js";
import { Kept } from "../js/kept.js";
import { Link } from "../js/link.js";
import { Outbox } from "../js/outbox.js";
import { Say } from "../js/say.js";
import { Session } from "../js/session.js";
import { Signals, pageState } from "../js/signals.js";
import { composerView } from "./composer.js";
import { listView } from "./list.js";
import { saveLink } from "./save.js";
import { loadTexts } from "./texts.js";
import { Uploads } from "./uploads.js";

const { centre, largest } = document.documentElement.dataset;
const LANGUAGE = document.documentElement.lang;

/** The chat: one conversation, its place in the queue, and everything that is on its way in either direction. */
class Room {
  session = new Session();
  say = new Say();
  #offset = 0;
  #connected = true;
  #over = false;
  #ended = false;
  #standing = "";
  #readUpTo = "";

  constructor(texts) {
    this.texts = texts;
    this.signals = new Signals(() => false, () => this.#part());
  }

  start() {
    this.link = new Link({
      state: (state) => this.#takeState(state),
      event: (event) => this.#hear(() => this.#takeEvent(event)),
      signal: (signal) => this.#hear(() => this.session.takeSignal(signal)),
      session: (facts) => this.#hear(() => this.session.takeSession(facts)),
      connected: () => this.#hear(() => this.#back()),
      lost: () => this.#hear(() => (this.#connected = false)),
      refused: () => this.#part(),
    });
    this.link.open();
  }

  // ── what a citizen can do ─────────────────────────────────────────────────────────────────────

  write(text, attachments = []) {
    this.outbox.put("message.sent", { party: "citizen", text, language: LANGUAGE, attachments });
  }

  sendAgain(id) {
    this.outbox.again(this.session.own(id));
  }

  async end() {
    await ask("/c/api/end", {}).catch(() => null);
    this.#ended = true;
    this.changed();
    focusOn(this.standing);
  }

  // ── what the hub says ─────────────────────────────────────────────────────────────────────────

  #takeState(state) {
    if (this.session.id && state.session !== this.session.id) {
      this.#part();
      return;
    }
    this.#offset = Date.parse(state.time) - Date.now();
    const first = !this.session.id;
    this.session.takeState(state);
    if (first) this.#settle();
    this.changed();
  }

  #settle() {
    this.kept = new Kept(this.session.id, () => localStorage); // a closed tab is opened again: nothing may be lost
    this.signals.session = this.session.id;
    this.outbox = new Outbox(this.kept, {
      session: this.session.id,
      clock: () => new Date(Date.now() + this.#offset),
      onChange: (event, state, answer) => this.#hear(() => this.session.takeOwn(event, state, answer)),
      onTrouble: (problem) => problem?.moved && this.#part(),
    });
    for (const event of this.outbox.waiting) this.session.takeOwn(event, "pending");
    this.uploads = new Uploads(this, Number(largest));
    this.#build();
    document.addEventListener("visibilitychange", () => {
      this.signals.page(pageState());
      if (pageState() === "open" && !this.#connected) this.link.open();
      this.changed();
    });
    addEventListener("pageshow", ({ persisted }) => persisted && !this.#over && this.link.open());
    this.outbox.flush();
  }

  #takeEvent(event) {
    this.session.takeEvent(event);
    const { type, body } = event;
    if (type === "message.sent" && body.party !== "citizen") {
      this.say.aloud(this.texts.say("arrived", { text: body.text || body.attachments?.[0]?.name || "" }), body.language || null);
    }
  }

  #hear(take) {
    take();
    this.changed();
  }

  #back() {
    if (!this.#connected) this.say.aloud(this.texts.say("back"));
    this.#connected = true;
    this.signals.page(pageState());
    this.outbox.flush();
  }

  /** Elsewhere, or over: what was written stays in this browser and is shown when the chat is opened again. */
  #part() {
    if (this.#over) return;
    this.#over = true;
    this.link.close();
    this.outbox?.close();
    this.signals.close();
    if (this.session.closed) return;
    const heading = h("h1", {}, this.texts.say("moved"));
    const again = h("a", { class: "button", href: "/c/chat" }, this.texts.say("reopen"));
    document.body.replaceChildren(h("main", { class: "alone" }, heading, again));
    focusOn(heading);
  }

  // ── the page ──────────────────────────────────────────────────────────────────────────────────

  #build() {
    this.standing = h("p", { class: "standing" });
    this.list = listView(this);
    this.composer = composerView(this);
    this.over = overView(this);
    const header = h("header", {}, h("h1", { translate: "no" }, centre), this.standing);
    const main = h("main", { id: "main" }, this.list.element);
    const footer = h("footer", {}, this.over.element, this.composer.element);
    document.body.replaceChildren(h("div", { class: "room" }, header, main, footer), this.say.element);
  }

  get isOver() {
    return this.session.closed || this.#ended;
  }

  changed() {
    if (this.#over || !this.list) return;
    this.#stand();
    this.list.update();
    show(this.composer.element, !this.isOver);
    show(this.over.element, this.isOver);
    this.composer.update();
    this.#tellRead();
    if (this.session.closed && !this.outbox.waiting.length) this.kept.clear();
  }

  /** Where things stand, in one line; said aloud where it changes. */
  #stand() {
    const [key, words] = this.#standingWords();
    setText(this.standing, words);
    this.standing.dataset.standing = key;
    if (words !== this.#standing) this.say.aloud(words);
    this.#standing = words;
  }

  #standingWords() {
    const { texts, session } = this;
    if (this.isOver) return ["ended", texts.say("ended")];
    if (!this.#connected) return ["away", texts.say("away")];
    const { queue } = session;
    if (!queue) return ["waiting", texts.say("queue.write")];
    if (queue.taken) return ["taken", texts.say("taken")];
    const place = queue.ahead ? texts.say("queue.ahead", { count: queue.ahead }) : texts.say("queue.next");
    return ["waiting", `${place}. ${texts.say("queue.write")}`];
  }

  /** The agent may know what was seen, once a person can have seen it. */
  #tellRead() {
    const last = this.session.lines.filter(({ kind, party }) => kind === "message" && party === "agent").at(-1);
    if (!last || last.id === this.#readUpTo || pageState() !== "open" || this.isOver) return;
    this.#readUpTo = last.id;
    if (this.session.readByCitizen !== last.id) this.outbox.put("message.read", { message: last.id, party: "citizen" });
  }
}

/** After the end: what can still be done. */
function overView({ texts }) {
  const element = h(
    "section",
    { hidden: true, "aria-labelledby": "over" },
    h("h2", { id: "over" }, texts.say("ended")),
    h("p", { class: "second" }, texts.say("ended.lead")),
    h(
      "div",
      { class: "row" },
      saveLink(texts, "txt"),
      saveLink(texts, "html"),
      h("a", { class: "button", href: "/c/chat?new=1" }, texts.say("new")),
    ),
  );
  return { element };
}

new Room(await loadTexts(LANGUAGE)).start();
