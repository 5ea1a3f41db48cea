import { focusOn, h, show } from "../dom.js";
import { pushView } from "./push.js";

/**
 * The stage: the newest screen, or the earlier one that the citizen chose; below it the way to the others. A screen that
 * comes while a form is being written, or while the citizen only talks, waits behind a button (`arrived`); anything else
 * gives way at once.
 */
export function screensView(ctx) {
  const { texts } = ctx;
  const stage = h("div", { class: "stage" });
  const arrived = h("div", { class: "arrived", hidden: true });
  const earlier = h("nav", { class: "earlier", hidden: true, "aria-label": texts.say("screen.earlier") });
  const nothing = emptyStage(ctx);
  const element = h("section", { class: "screens", "aria-label": texts.say("screen.region") }, stage, earlier);
  stage.append(nothing.element);
  const views = new Map();
  const known = new Set();
  let current = null;

  const put = (push) => {
    const held = stage.contains(document.activeElement) || arrived.contains(document.activeElement);
    const pushed = ctx.session.pushed(push);
    if (!views.has(push)) views.set(push, pushView(ctx, pushed));
    current = views.get(push);
    current.push = push;
    stage.replaceChildren(current.element);
    ctx.ui.current = push;
    current.shown();
    if (held) focusOn(current.heading);
  };

  const takeNew = () => {
    const fresh = ctx.session.pushes.filter(({ push }) => !known.has(push));
    for (const { push, screen } of fresh) {
      known.add(push);
      ctx.told("screen.delivered", push);
      if (ctx.ui.started) ctx.say.aloud(texts.say("screen.arrived", { title: screen.title }), null);
    }
    const newest = ctx.session.pushes.at(-1);
    if (!fresh.length) return;
    if (ctx.ui.mode !== "screens" || current?.writing()) ctx.ui.arrived = newest.push;
    else put(preferred(ctx, current));
  };

  const update = () => {
    takeNew();
    if (ctx.ui.wanted && ctx.ui.wanted !== current?.push) put(ctx.ui.wanted);
    else if (!current && ctx.ui.mode === "screens" && ctx.session.pushes.length) put(preferred(ctx, current));
    ctx.ui.wanted = "";
    if (ctx.ui.arrived === ctx.ui.current) ctx.ui.arrived = "";
    for (const { push } of ctx.session.pushes) views.get(push)?.update(ctx.session.pushed(push));
    placeArrived(ctx, arrived);
    placeEarlier(ctx, earlier);
    if (current && document.visibilityState === "visible" && ctx.ui.mode === "screens") {
      ctx.told("screen.opened", ctx.ui.current);
    }
    show(element, ctx.ui.mode === "screens");
  };
  const heading = () => current?.heading ?? nothing.heading;
  const mirror = () => current?.mirror();
  const complain = (field) => current?.complain(field);
  return { element, arrived, update, heading, mirror, complain };
}

/** At first the screen that was looked at before a reload or a change of language, then always the newest. */
function preferred(ctx, current) {
  const before = !current && ctx.ui.current && ctx.session.pushed(ctx.ui.current);
  return before ? ctx.ui.current : ctx.session.pushes.at(-1).push;
}

function emptyStage({ texts }) {
  const heading = h("h2", { tabindex: "-1" }, texts.say("screen.none"));
  return { heading, element: h("div", { class: "nothing" }, heading, h("p", {}, texts.say("screen.none.lead"))) };
}

function placeArrived(ctx, element) {
  const pushed = ctx.ui.arrived && ctx.session.pushed(ctx.ui.arrived);
  show(element, Boolean(pushed));
  if (!pushed || element.dataset.push === pushed.push) return;
  element.dataset.push = pushed.push;
  const { texts } = ctx;
  element.replaceChildren(
    h("p", {}, texts.say("screen.arrived", { title: pushed.screen.title })),
    h("button", { type: "button", on: { click: () => ctx.openPush(pushed.push) } }, texts.say("screen.arrived.show")),
  );
}

function placeEarlier(ctx, element) {
  const others = ctx.session.pushes;
  show(element, others.length > 1);
  const state = JSON.stringify([ctx.ui.current, others.map(({ push, answerState, withdrawn }) => [push, answerState, withdrawn])]);
  if (others.length < 2 || element.dataset.shown === state) return;
  const focused = element.contains(document.activeElement) && document.activeElement.dataset.push;
  element.dataset.shown = state;
  const rows = others.map((pushed) => h("li", {}, earlierButton(ctx, pushed))).reverse();
  element.replaceChildren(h("h2", {}, ctx.texts.say("screen.earlier")), h("ul", { role: "list" }, ...rows));
  if (focused) element.querySelector(`[data-push="${focused}"]`)?.focus();
}

function earlierButton(ctx, pushed) {
  const { push, screen } = pushed;
  const now = push === ctx.ui.current;
  const state = ctx.texts.say(now ? "screen.now" : `screen.state.${stateOf(pushed)}`);
  return h(
    "button",
    { type: "button", "data-push": push, "aria-current": now ? "true" : null, on: { click: () => ctx.openPush(push) } },
    h("span", { lang: screen.language }, screen.title),
    " ",
    h("span", { class: "state" }, state),
  );
}

function stateOf({ screen, answerState, withdrawn }) {
  if (answerState === "sent") return "answered";
  if (answerState === "pending") return "pending";
  if (withdrawn) return "withdrawn";
  return screen.kind === "captions" || (screen.kind === "card" && !screen.button) ? "seen" : "new";
}

