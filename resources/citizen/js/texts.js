/** The page's words in the citizen's language; where there are none, English, and `line` says so in their language. */
export class Texts {
  #words;

  constructor(language, entry, words, languages) {
    this.chosen = language;
    this.language = entry.texts;
    this.line = entry.line;
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
  const language = [tag, tag.split("-")[0], "en"].find((candidate) => candidate in languages);
  const entry = languages[language];
  return new Texts(language, entry, await resource(`texts/${entry.texts}.json`), languages);
}
