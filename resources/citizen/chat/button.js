// The centre's chat button for its homepage: <script src="…/c/chat/button.js" data-lang="ko" defer></script>
// It stores nothing, sends nothing and opens the chat in a new tab when it is pressed.
(() => {
  const script = document.currentScript;
  const WORDS = { ko: "채팅 상담", en: "Chat with us", ja: "チャット相談", zh: "在线咨询", vi: "Trò chuyện", mn: "Чат зөвлөгөө" };
  const NEW = { ko: "새 창", en: "opens a new window", ja: "新しいウィンドウ", zh: "新窗口", vi: "cửa sổ mới", mn: "шинэ цонх" };
  const lang = WORDS[script.dataset.lang] ? script.dataset.lang : "ko";
  const link = document.createElement("a");
  link.href = new URL(`../chat?lang=${lang}`, script.src.replace(/button\.js.*$/, "")).href;
  link.target = "_blank";
  link.rel = "noopener";
  link.lang = lang;
  link.textContent = WORDS[lang];
  link.setAttribute("aria-label", `${WORDS[lang]} (${NEW[lang]})`);
  link.className = "ieum-chat-button";
  const look = {
    position: "fixed", insetInlineEnd: "16px", insetBlockEnd: "16px", zIndex: "2147483000", padding: "14px 20px",
    minHeight: "48px", boxSizing: "border-box", borderRadius: "999px", border: "2px solid #fff", background: "#2f5bd7",
    color: "#fff", font: "600 16px/1.2 system-ui, sans-serif", textDecoration: "none", boxShadow: "0 2px 8px rgb(0 0 0 / 30%)",
  };
  Object.assign(link.style, look);
  link.addEventListener("focus", () => (link.style.outline = "3px solid #171b24"));
  link.addEventListener("blur", () => (link.style.outline = ""));
  const place = document.createElement("aside"); // a landmark of its own: a homepage's regions stay as they are
  place.lang = lang;
  place.setAttribute("aria-label", WORDS[lang]);
  place.append(link);
  document.body.append(place);
})();
