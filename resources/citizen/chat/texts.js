/** The chat's words in the language of the page. */
export async function loadTexts(language) {
  const answer = await fetch(new URL("texts.json", import.meta.url));
  const all = await answer.json();
  const words = all[language] ?? all.en;
  const say = (key, values = {}) =>
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, String(value)), words[key]);
  const clock = (at) => new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  return { say, clock, language };
}
