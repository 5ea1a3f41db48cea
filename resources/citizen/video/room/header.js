import { h, setText, show } from "../../js/dom.js";
import { sizeButton } from "../../chat/header.js";
import { endView } from "../../chat/menu.js";
import { saveLink } from "../../chat/save.js";
import { relayVoiceView, snapshotView } from "./questions.js";
import { heldWords } from "./stage.js";

const MODES = ["lines", "words", "off"];

/** The centre's name, how it stands in words (said aloud where it changes), text size, settings, and the end. */
export function headerView(room) {
  const { texts, say } = room;
  const standing = h("p", { class: "standing" });
  const quality = h("p", { class: "quality" });
  const menu = menuView(room);
  const element = h(
    "header",
    { class: "top" },
    h("div", { class: "who" }, h("h1", { translate: "no" }, room.centre), standing, quality),
    h("div", { class: "tools" }, sizeButton(room), menu.button),
    menu.element,
  );
  let said = "";
  const update = () => {
    const [key, words] = standingWords(room);
    setText(standing, words);
    standing.dataset.standing = key;
    if (words !== said) say.aloud(words);
    said = words;
    const word = room.connection.state === "connected" && !room.over ? texts.say(`quality.${room.connection.quality}`) : "";
    if (word !== quality.textContent && room.connection.quality === "bad") say.aloud(word);
    setText(quality, word);
    quality.dataset.quality = room.connection.quality;
    show(quality, Boolean(word));
    menu.update();
  };
  return { element, update };
}

function standingWords({ session, connected, connection, texts, over, answered }) {
  if (over) return ["ended", texts.say("ended")];
  if (!connected) return ["away", texts.say("away")];
  if (!answered) return ["waiting", texts.say("queue.wait")];
  if (session.held) return ["held", heldWords(texts, session.held)];
  if (["interrupted", "failed"].includes(connection.state)) return ["away", `${texts.say("interrupted")}. ${texts.say("interrupted.text")}`];
  return connection.state === "connected" ? ["taken", texts.say("connected")] : ["taken", texts.say("taken")];
}

function menuView(room) {
  const { texts, prefs } = room;
  const ending = endView(room, () => element.close());
  const choices = [snapshotView(room), relayVoiceView(room)];
  const close = h("button", { type: "button", class: "quiet" }, texts.say("menu.close"));
  const element = h(
    "dialog",
    { class: "settings", "aria-labelledby": "menu-title" },
    h("div", { class: "head" }, h("h2", { id: "menu-title", tabindex: "-1" }, texts.say("menu")), close),
    readingView(texts, prefs),
    ...choices.map(({ element: choice }) => choice),
    h("h3", {}, texts.say("menu.save")),
    h("div", { class: "row" }, saveLink(texts, "txt"), saveLink(texts, "html")),
    ending.element,
  );
  const button = h("button", { type: "button", class: "tool", "aria-haspopup": "dialog" }, texts.say("menu"));
  button.addEventListener("click", () => {
    ending.reset();
    element.showModal();
  });
  close.addEventListener("click", () => element.close());
  const update = () => {
    show(button, !room.over);
    for (const choice of choices) choice.update();
    if (room.over && element.open) element.close();
  };
  return { element, button, update };
}

/** How the counselor's text is read by a screen reader. */
function readingView(texts, prefs) {
  const choices = MODES.map((mode) => {
    const input = h("input", { type: "radio", name: "reading", value: mode, id: `reading-${mode}` });
    input.checked = (prefs.get("reading") ?? "lines") === mode;
    input.addEventListener("change", () => prefs.set("reading", mode));
    return h("label", { class: "pick", for: `reading-${mode}` }, input, texts.say(`reading.${mode}`));
  });
  return h("fieldset", {}, h("legend", {}, texts.say("menu.reading")), ...choices);
}
