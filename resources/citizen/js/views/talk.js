import { h, setText, show } from "../dom.js";
import { MAX_MESSAGE, sendByKeyAndButton, tellLength, typingTeller } from "../writing.js";

/** Writing to the agent beside the voice: what both wrote, told apart by name, side and shape, and the field to write in. */
export function talkView(ctx) {
  const { texts } = ctx;
  const list = h("ol", { class: "messages", "aria-label": texts.say("talk.list"), role: "list" });
  const empty = h("p", { class: "second" }, texts.say("talk.empty"));
  const typing = h("p", { class: "typing second", hidden: true }, texts.say("talk.typing"));
  const composer = composerView(ctx);
  const heading = h("h2", { id: "talk-title", tabindex: "-1" }, texts.say("talk.title"));
  const element = h(
    "section",
    { class: "talk", "aria-labelledby": "talk-title", hidden: true },
    h("div", { class: "head" }, heading, closeButton(ctx)),
    h("p", { class: "second" }, texts.say("talk.lead")),
    list,
    empty,
    typing,
    composer.element,
  );
  const shown = new Map();
  let height = 0;
  const update = () => {
    const messages = ctx.session.lines.filter((line) => line.kind === "message");
    show(element, ctx.ui.talk);
    for (const line of messages) placeMessage(ctx, list, shown, line, composer);
    for (const id of [...shown.keys()]) if (!messages.some((line) => line.id === id)) forget(shown, id);
    show(empty, !messages.length);
    show(typing, ctx.session.agentTyping);
    const before = height;
    height = list.offsetHeight; // a message can also grow, by what can be done when it was refused
    if (height > before && element.contains(document.activeElement)) composer.element.scrollIntoView({ block: "nearest" });
  };
  return { element, update, focus: () => composer.field.focus() };
}

function closeButton(ctx) {
  return h("button", { type: "button", class: "quiet", on: { click: () => ctx.toggleTalk() } }, ctx.texts.say("talk.close"));
}

function forget(shown, id) {
  shown.get(id).element.remove();
  shown.delete(id);
}

function placeMessage(ctx, list, shown, line, composer) {
  const known = shown.get(line.id) ?? newMessage(ctx, list, shown, line, composer);
  const mine = line.party === "citizen";
  setText(known.text, line.erased ? ctx.texts.say("captions.erased") : line.text);
  setText(known.state, mine ? ctx.texts.say(STATES[line.state]) : "");
  known.element.dataset.state = line.state;
  show(known.repair, line.state === "refused");
}

const STATES = { pending: "talk.pending", sent: "talk.sent", refused: "talk.failed" };

function newMessage(ctx, list, shown, line, composer) {
  const { texts } = ctx;
  const text = h("p", { class: "text", lang: line.language || null });
  const state = h("span", { class: "state" });
  const repair = h(
    "span",
    { class: "repair", hidden: true },
    h("button", { type: "button", on: { click: () => ctx.sendAgain(line.id) } }, texts.say("talk.again")),
    h("button", { type: "button", on: { click: () => composer.edit(ctx.takeBack(line.id)) } }, texts.say("talk.edit")),
  );
  const party = texts.say(`party.${line.party}`);
  const said = h("p", { class: "by" }, texts.say("talk.said", { party, time: texts.clock(line.at) }), " ", state);
  const element = h("li", { class: line.party === "citizen" ? "mine" : "theirs" }, said, text, repair);
  list.append(element);
  const made = { element, text, state, repair };
  shown.set(line.id, made);
  return made;
}

function composerView(ctx) {
  const { texts } = ctx;
  const field = h("textarea", {
    id: "composer",
    rows: "2",
    autocomplete: "off",
    enterkeyhint: "send",
    "aria-describedby": "composer-hint composer-problem",
  });
  const problem = h("p", { id: "composer-problem", class: "error" });
  const element = h(
    "form",
    { class: "composer", novalidate: true },
    h("label", { for: "composer" }, texts.say("talk.label")),
    h("p", { id: "composer-hint", class: "hint keys" }, texts.say("talk.hint")),
    problem,
    h("div", { class: "line" }, field, h("button", { type: "submit", class: "primary" }, texts.say("talk.send"))),
  );
  field.value = ctx.kept.read("draft:talk", "");
  const typing = typingTeller(ctx.signals);
  const check = () => tellLength(field, problem, (over) => texts.say("talk.too_long", { max: MAX_MESSAGE, over }));
  const send = () => {
    if (!field.value.trim() || check()) return;
    ctx.sendMessage(field.value.trim());
    field.value = "";
    ctx.kept.forget("draft:talk");
    typing(false);
    field.focus();
  };
  field.addEventListener("input", () => {
    ctx.kept.write("draft:talk", field.value);
    typing(Boolean(field.value.trim()));
    check();
  });
  sendByKeyAndButton(element, field, send);
  const edit = (text) => {
    field.value = [text, field.value].filter(Boolean).join("\n");
    ctx.kept.write("draft:talk", field.value);
    field.focus();
  };
  return { element, field, edit };
}
