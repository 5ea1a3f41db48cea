import { focusOn, h, setText, show } from "../js/dom.js";
import { saveLink } from "./save.js";

/** After the end: thanks, what was not sent, and what can still be done. Has the keyboard where the field had it. */
export function overView({ texts, session, kept }) {
  const heading = h("h2", { id: "over", tabindex: "-1" }, texts.say("ended"));
  const unsent = h("p", { class: "error" });
  const draft = h("p", { class: "draft", dir: "auto" });
  const element = h(
    "section",
    { class: "over", hidden: true, "aria-labelledby": "over" },
    heading,
    h("p", { class: "second" }, texts.say("ended.lead")),
    unsent,
    draft,
    h("h3", {}, texts.say("menu.save")),
    h("div", { class: "row" }, saveLink(texts, "txt"), saveLink(texts, "html")),
    h("div", {}, h("a", { class: "button", href: "/c/chat" }, texts.say("new"))),
  );
  const update = () => {
    const before = element.hidden;
    show(element, session.closed);
    if (before && session.closed) setText(draft, kept.read("draft", "").trim());
    show(draft, draft.textContent);
    const lost = draft.textContent || session.lines.some(({ kind, state }) => kind === "message" && state === "refused");
    setText(unsent, session.closed && lost ? texts.say("unsent") : "");
    if (before && session.closed && !document.activeElement?.closest("a, .screen")) focusOn(heading);
  };
  return { element, update };
}
