import { h, icon, setText } from "../dom.js";

const GEAR = "M4 7h10m4 0h2M4 17h2m4 0h10M14 4.5v5M8 14.5v5";
const CALL_WORDS = { active: "call.active", ringing: "call.active", held: "call.held", ended: "call.ended", none: "call.text" };

/** The centre's name, the state of the call in words, text size and settings. */
export function headerView(ctx) {
  const { texts } = ctx;
  const state = h("p", { class: "call" });
  const title = h("h1", { tabindex: "-1" }, ctx.centre);
  const size = h(
    "button",
    { type: "button", class: "tool size", on: { click: () => changeSize(ctx, size) } },
    h("span", { "aria-hidden": "true", class: "small" }, texts.say("size.short")),
    h("span", { "aria-hidden": "true", class: "large" }, texts.say("size.short")),
  );
  const settings = h(
    "button",
    { type: "button", class: "tool", "aria-haspopup": "dialog", "aria-label": texts.say("settings.button") },
    icon(GEAR),
    h("span", { class: "tool-name", "aria-hidden": "true" }, texts.say("settings.short")),
  );
  settings.addEventListener("click", () => ctx.openSettings());
  nameSize(ctx, size);
  const element = h(
    "header",
    { class: "top" },
    h("div", { class: "who" }, title, state),
    h("div", { class: "tools" }, size, settings),
  );
  const update = () => {
    const { call, closed } = ctx.session;
    setText(state, texts.say(closed ? "call.closed" : CALL_WORDS[call]));
    state.dataset.call = closed ? "ended" : call;
    nameSize(ctx, size);
  };
  return { element, update, title };
}

function changeSize(ctx, button) {
  const size = ctx.prefs.nextSize();
  nameSize(ctx, button);
  ctx.say.aloud(ctx.texts.say("size.changed", { size }));
  ctx.changed();
}

function nameSize(ctx, button) {
  const name = ctx.texts.say("size.button", { size: ctx.prefs.get("size") });
  if (button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
}
