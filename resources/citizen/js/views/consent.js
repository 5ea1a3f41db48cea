import { focusOn, h } from "../dom.js";
import { resource } from "../texts.js";

let wording = null;

/** Read the texts of consent before the first question is asked: the version that the served page names. */
export async function loadConsent(version) {
  wording = await resource(`consent/${version}.json`);
}

/** The version that goes into the event: of the text and of the days named in it. */
export function consentVersion(ctx) {
  return `${wording.version}/${ctx.keepDays}d`;
}

/**
 * A question for one purpose: what for, which data, how long, what a refusal means; two buttons of the same rank.
 * `values` fill the text; `onAnswer(given)` is called once it has been put on its way.
 */
export function consentPanel(ctx, purpose, { values = {}, onAnswer = () => {} } = {}) {
  const { texts } = ctx;
  const text = wording.purposes[purpose.split(":")[0]][texts.language];
  const id = `consent-${purpose.replace(/\W/g, "-")}`;
  const fill = (key) => text[key].replace(/\{(\w+)\}/g, (whole, name) => ({ days: ctx.keepDays, ...values })[name] ?? whole);
  const heading = h("h3", { id, tabindex: "-1" }, text.title);
  const decide = (given) => {
    ctx.consent(purpose, given);
    onAnswer(given);
  };
  const rows = ["purpose", "items", "retention", "refusing"].map((key) =>
    h("div", {}, h("dt", {}, texts.say(`consent.${key}`)), h("dd", {}, fill(key))),
  );
  const element = h(
    "section",
    { class: "consent", lang: texts.language, "aria-labelledby": id },
    heading,
    h("dl", {}, ...rows),
    h(
      "div",
      { class: "pair" },
      h("button", { type: "button", "data-consent": "yes", on: { click: () => decide(true) } }, text.agree),
      h("button", { type: "button", "data-consent": "no", on: { click: () => decide(false) } }, text.refuse),
    ),
  );
  return { element, heading };
}

/** Asks one question at a time, below the screen or below the plain text (`mode`), and only what was not asked yet. */
export function questionsView(ctx, mode) {
  const element = h("div", { class: "questions" });
  let asked = "";
  const update = () => {
    const purpose = ctx.ui.mode === mode ? nextPurpose(ctx) : "";
    if (purpose === asked) return;
    const held = element.contains(document.activeElement);
    asked = purpose;
    element.replaceChildren();
    if (purpose) element.append(consentPanel(ctx, purpose).element);
    if (held) focusOn(element.querySelector("h3") ?? ctx.headings[mode]());
  };
  const focus = () => {
    const heading = element.querySelector("h3");
    if (!heading) return;
    focusOn(heading);
    element.scrollIntoView({ block: "center" });
  };
  return { element, update, focus };
}

/** Plain text shows no screens, so that looking at them together is asked there only on demand. */
function nextPurpose(ctx) {
  const { consents, lines, closed } = ctx.session;
  if (closed) return "";
  if (ctx.ui.ask) return ctx.ui.ask;
  if (ctx.ui.mode === "screens" && !consents.has("share_screen")) return "share_screen";
  const captioned = lines.some((line) => line.kind === "caption");
  return captioned && !consents.has("keep_captions") ? "keep_captions" : "";
}
