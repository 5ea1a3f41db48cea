import { h } from "../js/dom.js";
import { textsFor } from "../js/texts.js";
import { consentVersion, loadConsent } from "../js/views/consent.js";
import { pushView } from "../js/views/push.js";

/** Refusals that say only that somebody was quicker: the hub's own event tells the rest. */
const SETTLED = new Set(["already-answered", "withdrawn", "unknown-push"]);

/** The words around a screen, of the citizen page: Korean or English. */
export async function loadScreens(language, consent) {
  await loadConsent(consent);
  return textsFor(language);
}

/** Screens that the agent pushes, each in its place in the conversation: what the page's views of one ask of their page. */
export class Screens {
  #room;
  #views = new Map();
  #told = new Set();

  constructor(room, texts, keepDays) {
    this.#room = room;
    this.texts = texts;
    this.keepDays = keepDays;
  }

  get session() {
    return this.#room.session;
  }

  get kept() {
    return this.#room.kept;
  }

  get signals() {
    return this.#room.signals;
  }

  get say() {
    return this.#room.say;
  }

  /** Nothing is looked at together in a chat: the agent sees a form's words when they are sent. */
  sharing() {
    return false;
  }

  /** The screen as an item of the conversation; captions have no place where nobody speaks. */
  item(push) {
    const pushed = this.session.pushed(push);
    if (pushed.screen.kind === "captions") return null;
    const view = pushView(this, pushed);
    this.#views.set(push, view);
    const words = this.texts.say("screen.arrived", { title: pushed.screen.title });
    if (this.#room.started) this.say.aloud(words, this.texts.language);
    return h("li", { class: "pushed" }, view.element);
  }

  update() {
    for (const [push, view] of this.#views) {
      view.update(this.session.pushed(push));
      this.#tell("screen.delivered", push);
      if (document.visibilityState === "visible") this.#tell("screen.opened", push);
    }
  }

  answer(push, answers) {
    this.#room.outbox.put("screen.answered", { push, answers });
  }

  /** Open a refused answer again, as it was written. */
  reopen({ push, answerId }) {
    const field = this.session.problemOf(answerId)?.field.split(".").at(-1) ?? "";
    this.session.drop(answerId);
    this.#room.changed();
    this.#views.get(push).complain(field);
  }

  consent(purpose, given) {
    const { language } = this.texts;
    this.#room.outbox.put("consent.answered", { purpose, given, version: consentVersion(this), language });
    this.say.aloud(this.texts.say(given ? "consent.saved.given" : "consent.saved.refused"), language);
  }

  /** What became of an event of this page. */
  takeOwn({ id, type, body }, state, answer) {
    if (state === "refused" && SETTLED.has(answer.code)) this.session.drop(id);
    if (state !== "sent" || type !== "screen.answered") return;
    this.kept.forget(`draft:${body.push}`);
    this.say.aloud(this.texts.say("screen.sent"), this.texts.language);
  }

  #tell(type, push) {
    const name = type.split(".")[1];
    const { told, withdrawn } = this.session.pushed(push);
    if (this.#told.has(`${name} ${push}`) || told.has(name) || withdrawn || this.session.closed) return;
    this.#told.add(`${name} ${push}`);
    this.#room.outbox.put(type, { push });
  }
}
