import { h, show } from "../dom.js";
import { SIZES } from "../prefs.js";
import { ownName } from "../texts.js";

/** The settings dialog: language, text size, captions, plain text, consents, leaving. */
export function settingsView(ctx) {
  const { texts } = ctx;
  const consents = h("ul", { class: "decisions", role: "list" });
  const none = h("p", { class: "second" }, texts.say("settings.consents.none"));
  const element = h(
    "dialog",
    { class: "settings", "aria-labelledby": "settings-title" },
    h(
      "div",
      { class: "head" },
      h("h2", { id: "settings-title", tabindex: "-1" }, texts.say("settings.title")),
      h("button", { type: "button", class: "quiet", on: { click: () => element.close() } }, texts.say("settings.close")),
    ),
    languageChoice(ctx),
    sizeChoice(ctx),
    captionChoice(ctx),
    plainChoice(ctx, () => element.close()),
    h("h3", {}, texts.say("settings.consents")),
    consents,
    none,
    leaving(ctx),
  );
  const update = () => {
    if (!element.open) return;
    element.querySelector("#captions-on").checked = ctx.prefs.get("captions");
    element.querySelector(`#size-${ctx.prefs.get("size")}`).checked = true;
    placeDecisions(ctx, consents);
    show(none, !consents.childElementCount);
  };
  const open = () => {
    element.showModal();
    element.scrollTop = 0;
    update();
  };
  return { element, update, open };
}

function languageChoice(ctx) {
  const { chosen, languages } = ctx.texts;
  const own = chosen in languages ? {} : { [chosen]: { name: ownName(chosen) } };
  const options = Object.entries({ ...languages, ...own }).map(([tag, { name }]) =>
    h("option", { value: tag, lang: tag, selected: tag === chosen }, name),
  );
  const select = h("select", { id: "language", on: { change: () => ctx.setLanguage(select.value) } }, ...options);
  return h("div", { class: "field" }, h("label", { for: "language" }, ctx.texts.say("settings.language")), select);
}

function sizeChoice(ctx) {
  const choose = (size) => {
    ctx.prefs.set("size", size);
    ctx.changed();
  };
  const radios = SIZES.map((size) =>
    h(
      "label",
      { class: "pick" },
      h("input", { type: "radio", name: "size", id: `size-${size}`, on: { change: () => choose(size) } }),
      h("span", {}, `${size}%`),
    ),
  );
  return h("fieldset", { class: "sizes" }, h("legend", {}, ctx.texts.say("settings.size")), h("div", { class: "row" }, ...radios));
}

function captionChoice(ctx) {
  const { texts, prefs } = ctx;
  const box = (id, pref, key, hint) =>
    h(
      "label",
      { class: "pick" },
      h("input", {
        type: "checkbox",
        id,
        checked: prefs.get(pref),
        "aria-describedby": hint ? `${id}-hint` : null,
        on: { change: (event) => (prefs.set(pref, event.target.checked), ctx.changed()) },
      }),
      h("span", {}, texts.say(key)),
    );
  return h(
    "fieldset",
    {},
    h("legend", {}, texts.say("settings.captions")),
    box("captions-on", "captions", "settings.captions.show"),
    box("captions-read", "readAloud", "settings.captions.read", true),
    h("p", { class: "hint", id: "captions-read-hint" }, texts.say("settings.captions.read.hint")),
  );
}

function plainChoice(ctx, close) {
  const go = () => {
    close();
    ctx.setMode("plain");
  };
  const button = h("button", { type: "button", "aria-describedby": "plain-hint", on: { click: go } }, ctx.texts.say("settings.plain"));
  return h("div", { class: "field" }, button, h("p", { class: "hint", id: "plain-hint" }, ctx.texts.say("settings.plain.hint")));
}

function placeDecisions(ctx, list) {
  const decisions = [...ctx.session.consents].map(([purpose, { given }]) => `${purpose}=${given}`).join(" ");
  if (list.dataset.shown === decisions) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.purpose : null;
  list.dataset.shown = decisions;
  list.replaceChildren(...[...ctx.session.consents].map(([purpose, decision]) => decisionRow(ctx, purpose, decision)));
  if (focused) list.querySelector(`[data-purpose="${focused}"]`)?.focus();
}

function decisionRow(ctx, purpose, { given }) {
  const { texts } = ctx;
  const [kind, push] = purpose.split(":");
  const name = texts.say(`consent.${kind}`, { title: ctx.session.pushed(push)?.screen.title ?? "" });
  const words = h("span", {}, h("b", {}, name), h("br"), texts.say(given ? "consent.given" : "consent.refused"));
  const act = given ? () => ctx.consent(purpose, false) : () => ctx.askAgain(purpose);
  const label = texts.say(given ? "consent.withdraw" : "consent.change");
  const button = h("button", { type: "button", "data-purpose": purpose, on: { click: act } }, label);
  button.setAttribute("aria-label", `${label}: ${name}`);
  return h("li", {}, words, button);
}

function leaving(ctx) {
  const { texts } = ctx;
  const button = h("button", { type: "button", "aria-describedby": "leave-hint" }, texts.say("settings.leave"));
  button.addEventListener("click", () => ctx.leave());
  return h("div", { class: "field" }, button, h("p", { class: "hint", id: "leave-hint" }, texts.say("settings.leave.hint")));
}
