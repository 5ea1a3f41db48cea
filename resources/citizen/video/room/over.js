import { focusOn, h, setText, show } from "../../js/dom.js";
import { saveLink } from "../../chat/save.js";

/** Goodbye: thanks, what was not sent, what can be taken along, and how to begin anew. */
export function overView(room) {
  const { texts, kind } = room;
  const heading = h("h2", { id: "over", tabindex: "-1" }, texts.say("ended"));
  const unsent = h("p", { class: "error" });
  const element = h(
    "section",
    { class: "over", hidden: true, "aria-labelledby": "over" },
    heading,
    h("p", { class: "second" }, texts.say("ended.lead")),
    unsent,
    h("h3", {}, texts.say("ended.save")),
    h("div", { class: "row" }, saveLink(texts, "txt"), saveLink(texts, "html")),
    h("div", {}, h("a", { class: "button", href: kind === "call" ? "/c/call" : "/c/sign" }, texts.say("ended.new"))),
  );
  const update = () => {
    const before = element.hidden;
    show(element, room.over);
    const lost = room.session.lines.some(({ kind: line, state }) => line === "message" && state === "refused");
    setText(unsent, room.over && lost ? texts.say("ended.unsent") : "");
    show(unsent, Boolean(unsent.textContent));
    if (before && room.over) focusOn(heading);
  };
  return { element, update };
}
