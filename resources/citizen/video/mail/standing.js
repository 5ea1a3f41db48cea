import { h, setText } from "../../js/dom.js";
import { discard, enterRoom, stateOf } from "./upload.js";

const LINK = /^#([0-9a-f-]{36})\.([0-9a-f]{16,100})$/;

/** A message that was sent: that it was, how it stands, what was answered, and taking it back. */
export class Standing {
  #page;
  #shelf;
  #again;

  /** `again` — leave a new one. */
  constructor(page, shelf, again) {
    this.#page = page;
    this.#shelf = shelf;
    this.#again = again;
  }

  /** What this page's address opens. It stands behind `#`, so it reaches no server and no log. */
  linked() {
    const found = LINK.exec(location.hash);
    return found ? { id: found[1], key: found[2] } : null;
  }

  #address({ id, key }) {
    return `${location.origin}${location.pathname}?lang=${this.#page.language}#${id}.${key}`;
  }

  done(mail, state, number) {
    const page = this.#page;
    const copied = h("span", { role: "status" });
    const copy = async () => {
      await navigator.clipboard.writeText(this.#address(mail)).then(() => setText(copied, page.say("done.copied")), () => undefined);
    };
    page.show("done", page.say("done"), page.p("done.lead", { until: page.day(state.keep_until) }),
      number && page.p("done.number", { number }),
      page.p("done.here"), h("p", { class: "address" }, h("a", { href: this.#address(mail), on: { click: (event) => this.#follow(event, mail) } }, this.#address(mail))),
      page.buttons(page.button("done.see", () => this.look(mail), true), page.button("done.copy", copy)), copied,
      this.#erasing(mail));
  }

  #follow(event, mail) {
    event.preventDefault();
    history.replaceState(null, "", this.#address(mail));
    this.look(mail);
  }

  async look(mail) {
    const page = this.#page;
    let state;
    try {
      state = await stateOf(mail);
    } catch {
      page.show("away", page.say("heading"), page.p("state.away"), page.buttons(page.button("state.refresh", () => this.look(mail), true)));
      return;
    }
    if (state === null || state.state === "uploading") await this.#none("state.unknown");
    else if (state.state === "erased") await this.#none("state.erased");
    else this.#show(mail, state);
  }

  async #none(heading) {
    const page = this.#page;
    await this.#shelf.forget();
    history.replaceState(null, "", `${location.pathname}?lang=${page.language}`);
    page.show("gone", page.say(heading), page.p("state.erased.lead"), page.buttons(page.button("another", this.#again, true)), page.write());
  }

  #show(mail, state) {
    const page = this.#page;
    const answers = state.messages.map((text) => h("p", { class: "answer", dir: "auto" }, text));
    const meet = state.video && [page.p("state.video"), page.buttons(page.button("state.enter", () => this.#enter(mail), true))];
    page.show("standing", page.say(`state.${state.state}`), ...(meet || []),
      page.p("state.lead", { length: page.length(state.seconds), until: page.day(state.keep_until) }),
      h("h2", {}, page.say("state.answers")), ...(answers.length ? answers : [page.p("state.none")]),
      page.buttons(page.button("state.refresh", () => this.look(mail), !state.video), page.button("another", this.#again)),
      this.#erasing(mail));
  }

  async #enter(mail) {
    try {
      await enterRoom(mail);
      location.assign("/c/video/room?media=own"); // whatever was chosen another time
    } catch {
      await this.look(mail);
    }
  }

  /** Asks once more before what cannot be undone. */
  #erasing(mail) {
    const page = this.#page;
    const place = h("div", { class: "view" });
    const ask = () => place.replaceChildren(page.buttons(page.button("erase", sure)));
    const sure = () => {
      const no = page.button("erase.no", ask);
      place.replaceChildren(page.p("erase.sure"), page.buttons(page.button("erase.yes", () => this.#erase(mail)), no));
      no.focus();
    };
    ask();
    return place;
  }

  async #erase(mail) {
    try {
      await discard(mail);
      await this.#none("state.erased");
    } catch {
      this.#page.tell(this.#page.say("state.away"));
      await this.look(mail);
    }
  }
}
