import { h, placeLines, show } from "../dom.js";
import { bannerView } from "./banner.js";
import { barView } from "./bar.js";
import { captionsView } from "./captions.js";
import { questionsView } from "./consent.js";
import { endedView } from "./ended.js";
import { headerView } from "./header.js";
import { noticeView } from "./notice.js";
import { plainView } from "./plain.js";
import { screensView } from "./screens.js";
import { settingsView } from "./settings.js";
import { talkView } from "./talk.js";

/** All views of the entered page, in reading order. */
export function buildPage(ctx) {
  const header = headerView(ctx);
  const banner = bannerView(ctx);
  const captions = captionsView(ctx);
  const ended = endedView(ctx);
  const notice = noticeView(ctx);
  const screens = screensView(ctx);
  const voice = voiceView(ctx);
  const questions = questionsView(ctx, "screens");
  const plainQuestions = questionsView(ctx, "plain");
  const plain = plainView(ctx, plainQuestions.element);
  const talk = talkView(ctx);
  const bar = barView(ctx);
  const settings = settingsView(ctx);
  const looking = h("div", { class: "looking" }, notice.element, screens.arrived, screens.element, voice.element, questions.element);
  const line = h("p", { class: "line" });
  placeLines(line, ctx.texts.lines);
  const side = h("div", { class: "side" }, captions.element, talk.element);
  const main = h("main", { id: "main" }, line, ended.element, side, looking, plain.element);
  const elements = [header.element, banner.element, main, bar.element, settings.element, ctx.say.element];
  const parts = [header, banner, captions, ended, notice, screens, voice, questions, plainQuestions, plain, talk, bar, settings];
  const headings = { screens: screens.heading, screen: screens.heading, voice: () => voice.heading, plain: () => plain.heading };
  const update = () => {
    for (const part of parts) part.update();
    show(questions.element, ctx.ui.mode === "screens" && !ctx.session.closed);
    show(side, ctx.ui.mode !== "plain");
    show(bar.element, !ctx.session.closed);
    show(looking, ctx.ui.mode !== "plain");
    main.classList.toggle("talking", ctx.ui.talk);
  };
  const questionsIn = { screens: questions, plain: plainQuestions };
  return { elements, update, headings, header, screens, questionsIn, talk, bar, settings };
}

/** What stands there when the citizen closed the screen and only talks. */
function voiceView(ctx) {
  const { texts } = ctx;
  const heading = h("h2", { tabindex: "-1" }, texts.say("voice.title"));
  const element = h("section", { class: "nothing", hidden: true }, heading, h("p", {}, texts.say("voice.lead")));
  const update = () => show(element, ctx.ui.mode === "voice" && !ctx.session.closed);
  return { element, update, heading };
}
