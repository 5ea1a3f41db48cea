import { h, icon, setText, show } from "../dom.js";
import { troubleOf } from "./banner.js";

const TALK = "M4 5h16v11H9l-5 4z";
const VOICE = "M6 3h4l2 5-2.5 1.5a11 11 0 0 0 5 5L16 12l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z";
const SHARE = "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zm9-2.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z";

/** What can always be done: write, close the screen and keep the call, start or stop looking together. */
export function barView(ctx) {
  const { texts } = ctx;
  const [talk, talkText] = tool(TALK, "talk", () => ctx.toggleTalk());
  const [voice, voiceText] = tool(VOICE, "voice", () => ctx.toggleVoice());
  const [share, shareText] = tool(SHARE, "share", () => ctx.toggleShare());
  const count = h("span", { class: "count", hidden: true });
  talk.append(count);
  const status = h("p", { class: "status", hidden: true });
  const element = h(
    "nav",
    { class: "bar", "aria-label": texts.say("bar.region") },
    status,
    h("div", { class: "buttons" }, talk, voice, share),
  );
  const update = () => {
    const on = ctx.sharing();
    setText(talkText, texts.say(ctx.ui.talk ? "bar.talk.close" : "bar.talk"));
    setText(voiceText, texts.say(ctx.ui.mode === "voice" ? "bar.screens" : "bar.voice"));
    setText(shareText, texts.say(on ? "bar.stop" : "bar.share"));
    talk.setAttribute("aria-expanded", String(ctx.ui.talk));
    share.classList.toggle("on", on);
    const [trouble] = troubleOf(ctx);
    show(status, Boolean(on || trouble));
    setText(status, trouble || texts.say("share.on"));
    status.classList.toggle("trouble", Boolean(trouble));
    show(count, ctx.ui.unread > 0);
    setText(count, texts.say("bar.talk.new", { count: ctx.ui.unread }));
  };
  return { element, update, talk };
}

function tool(path, name, act) {
  const text = h("span", { class: "name" });
  const button = h("button", { type: "button", class: "bar-button", "data-tool": name, on: { click: act } }, icon(path), text);
  return [button, text];
}
