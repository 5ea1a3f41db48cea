import { focusOn, h, show } from "../dom.js";
import { answerView } from "./answer.js";
import { formBody } from "./form.js";
import { optionsBody } from "./options.js";

/**
 * One pushed screen: built once, so that what is being written stays; `update` only changes its state. The body of a
 * kind offers `element`, `values()`, `writing()`, `guide(item)` and `refuse(field)`.
 */
export function pushView(ctx, pushed) {
  const { screen, push } = pushed;
  const heading = h("h2", { id: `title-${push}`, tabindex: "-1" }, screen.title);
  const body = BODIES[screen.kind](ctx, pushed);
  const answer = answerView(ctx, screen);
  const lead = screen.lead ? h("p", { class: "lead" }, screen.lead) : null;
  const over = h("p", { class: "second", lang: ctx.texts.language, hidden: true }, ctx.texts.say("screen.over"));
  const element = h(
    "article",
    { class: "screen", lang: screen.language, "aria-labelledby": heading.id },
    heading,
    foreignNote(ctx, screen),
    lead,
    over,
    body.element,
    answer.element,
    screen.reviewed ? h("p", { class: "hint", lang: ctx.texts.language }, ctx.texts.say("screen.reviewed", { date: screen.reviewed })) : null,
  );
  const open = ({ answerState, withdrawn }) => !withdrawn && !answerState && !ctx.session.closed;
  let state = "";
  const update = (now) => {
    const before = state;
    const held = element.contains(document.activeElement) && document.activeElement !== heading;
    state = `${now.answerState} ${now.withdrawn} ${ctx.session.closed}`;
    show(body.element, open(now) || body.lasting);
    const unanswered = ctx.session.closed && !now.answerState && !now.withdrawn && !body.lasting;
    show(over, unanswered);
    if (lead) show(lead, !unanswered); // it asks for what can no longer be done
    answer.update(now);
    body.update?.();
    body.guide?.(guided(ctx, now, open));
    if (held && before && before !== state) focusOn(answer.element.hidden ? heading : answer.heading);
  };
  const shown = () => body.shown?.();
  const writing = () => Boolean(ctx.session.pushed(push)) && open(ctx.session.pushed(push)) && body.writing();
  const mirror = () => open(ctx.session.pushed(push)) && ctx.signals.mirror(push, body.values(), body.focus?.() ?? "");
  const teller = () => mirror();
  for (const type of ["input", "change", "focusin"]) element.addEventListener(type, teller);
  update(pushed);
  const complain = (field) => body.refuse?.(field);
  return { element, heading, update, shown, writing, mirror, complain };
}

const BODIES = { card: cardBody, captions: captionsBody, choice: optionsBody, checklist: optionsBody, form: formBody };

function guided(ctx, { push }, open) {
  const { guide } = ctx.session;
  return guide?.push === push && open(ctx.session.pushed(push)) ? guide.focus : "";
}

/** A screen in another language than the page's says so, in the page's. */
function foreignNote({ texts }, { language }) {
  if (language.split("-")[0] === texts.language) return null;
  return h("p", { class: "hint", lang: texts.language }, texts.say("screen.language", { language: texts.nameOf(language) }));
}

function paragraphs({ body }) {
  return body ? body.split(/\n\s*\n/).map((text) => h("p", {}, text)) : [];
}

function cardBody(ctx, { push, screen }) {
  const read = () => ctx.answer(push, {});
  const words = h("div", { class: "words" }, ...paragraphs(screen));
  const button = screen.button && h("button", { type: "button", class: "primary wide", on: { click: read } }, screen.button);
  const element = h("div", {}, words, button || null);
  const update = () => {
    const { answerState, withdrawn } = ctx.session.pushed(push);
    if (button) show(button, !answerState && !withdrawn && !ctx.session.closed);
  };
  return { element, update, lasting: true, values: () => ({}), writing: () => false };
}

/** Captions as the screen itself: the captions above grow (the stylesheet sees `data-stage`), with their controls here. */
function captionsBody(ctx, { screen }) {
  const { texts } = ctx;
  const settings = h("button", { type: "button", on: { click: () => ctx.openSettings() } }, texts.say("settings.button"));
  const plain = h("button", { type: "button", on: { click: () => ctx.setMode("plain") } }, texts.say("settings.plain"));
  const element = h("div", {}, ...paragraphs(screen), h("div", { class: "pair", lang: texts.language }, settings, plain));
  return { element, lasting: true, values: () => ({}), writing: () => false };
}
