import { h, setText } from "../js/dom.js";
import { menuView } from "./menu.js";

/** The centre's name, where things stand, text size, and the menu. Where it changes, it is said aloud too. */
export function headerView(room) {
  const { texts, say } = room;
  const standing = h("p", { class: "standing" });
  const menu = menuView(room);
  const element = h(
    "header",
    { class: "top" },
    h("div", { class: "who" }, h("h1", { translate: "no" }, room.centre), standing),
    h("div", { class: "tools" }, sizeButton(room), menu.button),
    menu.element,
  );
  let said = "";
  const update = () => {
    const [key, words, more = ""] = standingWords(room, texts);
    setText(standing, more ? `${words}. ${more}` : words);
    standing.dataset.standing = key;
    if (words !== said) say.aloud(words);
    said = words;
    menu.update();
  };
  return { element, update };
}

function standingWords({ session, connected }, texts) {
  if (session.closed) return ["ended", texts.say("ended")];
  if (!connected) return ["away", texts.say("away")];
  const { queue } = session;
  if (queue?.taken) return ["taken", texts.say("taken")];
  if (!queue) return ["waiting", texts.say("queue.write")];
  const place = queue.ahead ? texts.say("queue.ahead", { count: queue.ahead }) : texts.say("queue.next");
  return ["waiting", place, texts.say("queue.write")];
}

export function sizeButton({ texts, prefs, say }) {
  const name = () => texts.say("size.button", { size: prefs.get("size") });
  const button = h(
    "button",
    { type: "button", class: "tool size", "aria-label": name() },
    h("span", { "aria-hidden": "true", class: "small" }, texts.say("size.short")),
    h("span", { "aria-hidden": "true", class: "large" }, texts.say("size.short")),
  );
  button.addEventListener("click", () => {
    const size = prefs.nextSize();
    button.setAttribute("aria-label", name());
    say.aloud(texts.say("size.changed", { size }));
  });
  return button;
}
