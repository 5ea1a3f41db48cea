import { h, show } from "../dom.js";

/** The consultation is over: said in words; what was said can still be read until the citizen leaves. */
export function endedView(ctx) {
  const { texts } = ctx;
  const unsent = h("p", { class: "error" }, texts.say("ended.unsent"));
  const element = h(
    "section",
    { class: "ended", "aria-labelledby": "ended-title", hidden: true },
    h("h2", { id: "ended-title", tabindex: "-1" }, texts.say("ended.title")),
    h("p", {}, texts.say("ended.lead")),
    unsent,
    h("button", { type: "button", class: "primary", on: { click: () => ctx.leave() } }, texts.say("ended.leave")),
  );
  let told = false;
  const update = () => {
    const { closed } = ctx.session;
    show(element, closed);
    show(unsent, ctx.outbox.waiting.length > 0);
    if (closed && !told) ctx.say.aloud(texts.say("ended.title"));
    told = closed;
  };
  return { element, update };
}

/**
 * A page that says one thing and offers at most one act, named by `act`'s `name`; takes the place of everything.
 * `written` — words of the citizen that were not sent, shown so that none is lost.
 */
export function lastWord(texts, key, { act = null, name = "trouble.go_on", written = [] } = {}) {
  const title = texts.say(`${key}.title`);
  const heading = h("h1", { tabindex: "-1" }, title);
  const button = act && h("button", { type: "button", class: "primary", on: { click: act } }, texts.say(name));
  const lead = h("p", {}, texts.say(`${key}.lead`));
  const element = h("main", { class: "alone" }, heading, lead, button, written.length ? unsentWords(texts, written, act) : null);
  return { element, heading, title };
}

function unsentWords(texts, written, act) {
  return h(
    "section",
    { class: "unsent", "aria-labelledby": "unsent-title" },
    h("h2", { id: "unsent-title" }, texts.say("unsent.title")),
    h("p", { class: "second" }, texts.say(act ? "unsent.kept" : "unsent.copy")),
    h("ul", { role: "list" }, ...written.map((text) => h("li", {}, text))),
  );
}
