import { Texts, resource } from "../../js/texts.js";

/** The room's words, in Korean or English. */
export async function loadTexts(language) {
  const all = await resource("video/texts.json");
  return new Texts(language, { texts: language }, all[language] ?? all.en, {}, []);
}
