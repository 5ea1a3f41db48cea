import { App } from "./app.js";
import { ask } from "./api.js";
import { focusOn, placeLines, setText } from "./dom.js";
import { Prefs } from "./prefs.js";
import { lastWord } from "./views/ended.js";
import { linesFor, ownName, textsFor } from "./texts.js";

const TOKEN = location.pathname;
const { centre, keepDays, consent, room } = document.documentElement.dataset;

/** The door: the form of the served page exchanges the link for a cookie, then the app takes the page's place. */
async function enter(language) {
  const texts = await textsFor(language);
  await ask(`${TOKEN}/enter`, { language });
  if (room) { // a counselor calls back by video: its page is another
    location.replace(room);
    return;
  }
  remember(language);
  const app = new App({ texts, centre, keepDays: Number(keepDays), consentTexts: consent, token: TOKEN });
  await app.start();
}

/** A reload of an entered page goes on without asking again. */
function remember(language) {
  try {
    sessionStorage.setItem(TOKEN, language);
  } catch {
    // no storage: a reload asks once more
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(TOKEN);
  } catch {
    return null;
  }
}

const form = document.querySelector("#enter");
const select = document.querySelector("#language");
const message = document.querySelector("#trouble");
const line = document.querySelector("#line");

async function tryToEnter() {
  form.setAttribute("aria-busy", "true");
  setText(message, "");
  try {
    await enter(select.value);
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    await tell(problem);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

async function tell(problem) {
  const texts = await textsFor(select.value).catch(() => null);
  const last = { 404: "trouble.link", 410: "trouble.link", 409: "trouble.in_use" }[problem.status];
  if (last && texts) {
    sayLast(texts, last);
    return;
  }
  const key = { 429: "trouble.busy.lead", 507: "trouble.full.lead" }[problem.status] ?? "trouble.away.lead";
  message.lang = texts?.language ?? "ko";
  setText(message, texts?.say(key) ?? message.dataset.away);
}

/** In place of the door. While the link is open elsewhere it can be tried again from here. */
function sayLast(texts, key) {
  const again = key === "trouble.in_use" ? { act: tryToEnter, name: "trouble.again" } : {};
  const { element, heading, title } = lastWord(texts, key, again);
  element.append(message); // where the next try says what is wrong
  document.title = title;
  document.documentElement.lang = texts.language;
  document.body.dataset.mode = "alone";
  document.body.replaceChildren(element);
  focusOn(heading);
}

async function showLine() {
  placeLines(line, await linesFor(select.value));
}

new Prefs();
for (const option of select.options) if (option.text === option.value) option.text = ownName(option.value);
form.addEventListener("submit", (submit) => {
  submit.preventDefault();
  tryToEnter();
});
select.addEventListener("change", showLine);
const before = remembered();
if (before) {
  select.value = before;
  tryToEnter();
}
