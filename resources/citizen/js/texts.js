/** The page's words in the citizen's language; where there are none, English, and `lines` say so in their language. */
export class Texts {
  #words;

  constructor(language, entry, words, languages, lines) {
    this.chosen = language;
    this.language = entry.texts;
    this.lines = lines;
    this.languages = languages;
    this.#words = words;
  }

  /** The text for `key` with `{name}` filled in. */
  say(key, values = {}) {
    const text = this.#words[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  /** A language's name for readers of this page: `English`, `한국어`. */
  nameOf(language) {
    return new Intl.DisplayNames([this.language], { type: "language" }).of(language);
  }

  /** Hours and minutes of an RFC 3339 time. */
  clock(at) {
    return new Intl.DateTimeFormat(this.language, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
  }
}

const cache = new Map();

/** Read a file beside this module, once. */
export function resource(name) {
  if (!cache.has(name)) {
    const reading = fetch(new URL(`../${name}`, import.meta.url)).then((answer) => {
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
      return answer.json();
    });
    reading.catch(() => cache.delete(name));
    cache.set(name, reading);
  }
  return cache.get(name);
}

/** The texts for a BCP 47 tag; an unknown one reads English. */
export async function textsFor(tag) {
  const languages = await resource("languages.json");
  const listed = listedIn(languages, tag);
  const entry = languages[listed ?? "en"];
  const words = await resource(`texts/${entry.texts}.json`);
  return new Texts(listed ?? tag, entry, words, languages, await linesFor(tag));
}

function listedIn(languages, tag) {
  return [tag, tag.split("-")[0]].find((candidate) => candidate in languages);
}

/** What the page says to whom it cannot speak: a line in their language, or, honestly, one in each of its own. */
export async function linesFor(tag) {
  const languages = await resource("languages.json");
  const listed = listedIn(languages, tag);
  if (listed) return languages[listed].line ? [{ language: listed, text: languages[listed].line }] : [];
  const both = ["en", "ko"].map(async (language) => ({ language, text: (await resource(`texts/${language}.json`))["entry.other"] }));
  return Promise.all(both);
}

/** A language's own name, as far as this browser knows it. */
export function ownName(tag) {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag);
}
