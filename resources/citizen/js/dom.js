/**
 * A new element. `attributes`: `on` holds listeners, `class` and the rest are attributes; true sets an empty one,
 * false and null leave it out. Children are nodes or text; text is never read as HTML.
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") listen(element, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child || child === 0));
  return element;
}

function listen(element, listeners) {
  for (const [type, act] of Object.entries(listeners)) element.addEventListener(type, act);
}

const SVG = "http://www.w3.org/2000/svg";

/** A small line drawing that says nothing to assistive technology; the words beside it do. */
export function icon(path) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

/** Set an element's text only where it differs: no needless work for a screen reader. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show or hide; hidden content is gone for everybody. */
export function show(element, visible) {
  if (element.hidden === Boolean(visible)) element.hidden = !visible;
}

/** Put the keyboard on a heading or a message that is no control. */
export function focusOn(element) {
  if (!element.matches("a[href], button, input, select, textarea")) element.setAttribute("tabindex", "-1");
  element.focus();
}

/** Fill a paragraph with `linesFor` a language. */
export function placeLines(element, lines) {
  element.lang = lines[0]?.language ?? "";
  element.dir = "auto";
  element.replaceChildren(...lines.flatMap(({ language, text }) => [h("span", { lang: language }, text), " "]));
  show(element, lines.length > 0);
}
