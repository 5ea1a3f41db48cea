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

/** A page that says one thing and offers at most one act; takes the place of everything. */
export function lastWord(texts, key, act = null) {
  const title = texts.say(`${key}.title`);
  const heading = h("h1", { tabindex: "-1" }, title);
  const again = act && h("button", { type: "button", class: "primary", on: { click: act } }, texts.say("trouble.again"));
  const element = h("main", { class: "alone" }, heading, h("p", {}, texts.say(`${key}.lead`)), again);
  return { element, heading, title };
}
