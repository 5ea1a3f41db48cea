// The centre's button for its homepage: <script src="https://…/c/chat/button.js" data-lang="ko" defer></script>
// It opens the chat; with `data-kind="sign"` sign-language video, with `data-kind="call"` a call over the internet. Several
// stand above each other. It stores nothing, sends nothing, and opens a new tab when it is pressed. `data-place="here"` puts it
// where the script stands instead of the corner. Under a Content-Security-Policy the homepage allows this one address in
// `script-src` and nothing else: the look comes from a constructed sheet, which no `style-src` has to allow.
(() => {
  const { src, dataset } = document.currentScript;
  const here = dataset.place === "here" && document.currentScript;
  const KINDS = {
    chat: { ko: "채팅 상담", en: "Chat with us", ja: "チャット相談", zh: "在线咨询", vi: "Trò chuyện với tư vấn viên", mn: "Зөвлөхтэй чатлах" },
    sign: { ko: "수어 영상 상담", en: "Sign-language video", ja: "手話ビデオ相談", zh: "手语视频咨询", vi: "Tư vấn ngôn ngữ ký hiệu qua video", mn: "Дохионы хэлээр видео зөвлөгөө" },
    call: { ko: "인터넷 통화 상담", en: "Call us online", ja: "ネット通話で相談", zh: "网络通话咨询", vi: "Gọi tư vấn qua mạng", mn: "Интернэтээр ярьж зөвлөгөө авах" },
  };
  const kind = Object.hasOwn(KINDS, dataset.kind ?? "") ? dataset.kind : "chat";
  const WORDS = KINDS[kind];
  const NEW = { ko: "새 창", en: "opens in a new tab", ja: "新しいタブ", zh: "新标签页", vi: "mở trong thẻ mới", mn: "шинэ цонхонд нээгдэнэ" };
  const LOOK = `
    :host { all: initial; }
    :host(:not([here])) { position: fixed; inset-block-end: calc(16px + 64px * var(--ieum-below, 0)); inset-inline-end: 16px; z-index: 2147483000; }
    a {
      display: inline-block; box-sizing: border-box; min-height: 48px; max-width: calc(100vw - 32px); padding: 13px 20px;
      border: 2px solid #ffffff; border-radius: 999px; background: #2f5bd7; color: #ffffff; text-decoration: none;
      font: 600 max(16px, 1rem) / 1.25 system-ui, "Malgun Gothic", sans-serif; box-shadow: 0 2px 8px rgb(0 0 0 / 30%);
    }
    a:hover { background: #1f47b4; text-decoration: underline; }
    a:focus-visible { outline: 3px solid #171b24; outline-offset: 0; box-shadow: 0 0 0 6px #ffffff; }
    @media (prefers-contrast: more) { a { background: #000000; } }
    @media (forced-colors: active) { a { border-color: LinkText; } a:focus-visible { outline-color: Highlight; } }
    @media print { :host { display: none; } }
  `;

  function languageOf() {
    const wishes = [dataset.lang, document.documentElement.lang].map((tag) => (tag ?? "").split("-")[0].toLowerCase());
    return wishes.find((tag) => tag in WORDS) ?? "ko";
  }

  function button(lang) {
    const link = document.createElement("a");
    link.href = new URL(`../${kind}?lang=${lang}`, src).href;
    link.target = "_blank";
    link.rel = "noopener";
    link.lang = lang;
    link.textContent = WORDS[lang];
    link.setAttribute("aria-label", `${WORDS[lang]} (${NEW[lang]})`);
    return link;
  }

  function place() {
    const host = document.createElement("ieum-chat-button");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOK);
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const link = button(languageOf());
    root.append(link);
    host.toggleAttribute("here", Boolean(here));
    if (here) here.after(host);
    else {
      host.style.setProperty("--ieum-below", document.querySelectorAll("ieum-chat-button:not([here])").length);
      host.setAttribute("role", "complementary"); // apart from the page's own regions it is one of its own
      host.setAttribute("aria-label", link.textContent);
      document.body.append(host);
    }
  }

  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
})();
