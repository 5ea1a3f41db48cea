import { h, setText, show } from "../dom.js";

/** While the conversation is closed: the agent's newest unread words, with the way to answer. */
export function noticeView(ctx) {
  const { texts } = ctx;
  const by = h("p", { class: "by" }, texts.say("party.agent"));
  const text = h("p", { class: "text" });
  const reply = h("button", { type: "button", on: { click: () => ctx.toggleTalk() } }, texts.say("talk.reply"));
  const element = h("aside", { class: "notice", hidden: true, "aria-label": texts.say("talk.list") }, by, text, reply);
  const update = () => {
    const newest = ctx.session.lines.filter((line) => line.kind === "message" && line.party !== "citizen").at(-1);
    show(element, ctx.ui.unread > 0 && !ctx.ui.talk && Boolean(newest));
    if (newest) {
      setText(text, newest.text);
      text.lang = newest.language || texts.language;
    }
  };
  return { element, update };
}
