import { focusOn, h, show } from "../dom.js";
import { given } from "./answer.js";
import { consentPanel } from "./consent.js";
import { fieldRow } from "./field.js";
import { guideRows } from "./options.js";

/**
 * A form in three steps: consent to its very fields, writing, checking before it is sent (WCAG 3.3.4). Nothing is asked
 * twice, what was written stays in this tab until it is sent, and there is no time limit.
 */
export function formBody(ctx, { push, screen }) {
  const kept = ctx.kept.read(`draft:${push}`, {});
  const rows = screen.fields.map((field) => fieldRow(ctx, push, field, kept[field.id] ?? ""));
  const values = () => Object.fromEntries(rows.map(({ item, input }) => [item.id, input.value.trim()]));
  const steps = { consent: consentStep(ctx, push, screen), refused: refusedStep(ctx), write: writeStep(ctx, rows), check: checkStep(ctx, screen) };
  const element = h("div", { class: "form" }, ...Object.values(steps).map((step) => step.element));
  let step = "";

  const go = (name, focus) => {
    step = name;
    for (const [other, { element: part }] of Object.entries(steps)) show(part, other === name);
    if (focus) focusOn(steps[name].heading());
  };
  const update = () => {
    const consent = ctx.session.consents.get(`form:${push}`);
    if (!consent) go("consent", false);
    else if (!consent.given) go("refused", step === "consent");
    else if (!["write", "check"].includes(step)) go("write", step === "consent");
  };
  steps.write.done = () => {
    steps.check.fill(values());
    go("check", true);
  };
  steps.check.edit = () => go("write", true);
  steps.check.send = () => ctx.answer(push, values());
  steps.refused.again = () => {
    ctx.session.consents.delete(`form:${push}`);
    go("consent", true);
  };
  element.addEventListener("input", () => ctx.kept.write(`draft:${push}`, values()));
  let touched = "";
  element.addEventListener("focusin", ({ target }) => {
    touched = target.dataset.item ?? touched;
  });
  return {
    element,
    values: () => (step === "write" || step === "check" ? values() : {}),
    focus: () => touched,
    writing: () => (step === "write" && rows.some(({ input }) => input === document.activeElement || input.value)) || step === "check",
    update,
    guide: (id) => guideRows(ctx, rows, id),
    refuse: (field) => {
      go("write", false);
      steps.write.complain(rows.filter(({ item }) => item.id === field).map((row) => [row, "form.error.refused"]));
    },
  };
}

function consentStep(ctx, push, screen) {
  const fields = screen.fields.map(({ label }) => label).join(", ");
  const panel = consentPanel(ctx, `form:${push}`, { values: { screen: screen.title, fields } });
  return { element: panel.element, heading: () => panel.heading };
}

function refusedStep(ctx) {
  const { texts } = ctx;
  const heading = h("h3", { tabindex: "-1" }, texts.say("form.refused"));
  const again = h("button", { type: "button", on: { click: () => step.again() } }, texts.say("form.reconsider"));
  const element = h("section", { class: "refused", lang: texts.language }, heading, h("p", {}, texts.say("form.refused.lead")), again);
  const step = { element, heading: () => heading, again: () => {} };
  return step;
}

function writeStep(ctx, rows) {
  const { texts } = ctx;
  const summary = h("div", { class: "summary", tabindex: "-1", lang: texts.language, hidden: true });
  const next = h("button", { type: "submit", class: "primary wide", lang: texts.language }, texts.say("form.review"));
  const element = h("form", { class: "write", novalidate: true }, summary, ...rows.map((row) => row.element), next);
  const step = { element, heading: () => rows[0].input, done: () => {} };
  step.complain = (errors) => {
    for (const row of rows) row.complain("");
    for (const [row, key] of errors) row.complain(row.wording(key));
    placeSummary(ctx, summary, errors);
    if (errors.length) summary.focus();
  };
  element.addEventListener("submit", (submit) => {
    submit.preventDefault();
    const errors = rows.map((row) => [row, row.problem()]).filter(([, key]) => key);
    step.complain(errors);
    if (!errors.length) step.done();
  });
  return step;
}

function placeSummary({ texts }, summary, errors) {
  show(summary, errors.length > 0);
  const links = errors.map(([row, key]) => {
    const link = h("a", { href: `#${row.input.id}` }, row.wording(key));
    link.addEventListener("click", (click) => {
      click.preventDefault();
      row.input.focus();
    });
    return h("li", {}, link);
  });
  summary.replaceChildren(h("h3", {}, texts.say("form.errors", { count: errors.length })), h("ul", {}, ...links));
}

function checkStep(ctx, screen) {
  const { texts } = ctx;
  const heading = h("h3", { tabindex: "-1" }, texts.say("form.check"));
  const list = h("div");
  const button = (key, name, act) => h("button", { type: "button", class: name, on: { click: act } }, texts.say(key));
  const step = { heading: () => heading, edit: () => {}, send: () => {} };
  const send = screen.button
    ? h("button", { type: "button", class: "primary", lang: screen.language, on: { click: () => step.send() } }, screen.button)
    : button("screen.send", "primary", () => step.send());
  step.element = h(
    "section",
    { class: "check", lang: texts.language },
    heading,
    h("p", { class: "second" }, texts.say("form.check.lead")),
    list,
    h("div", { class: "pair" }, send, button("form.edit", "", () => step.edit())),
  );
  step.fill = (values) => list.replaceChildren(...given(ctx, screen, values));
  return step;
}

