// Keyboard: / search, ? this help, j and k walk a list, . shows what arrived. Off while somebody types.
import { isTyping } from "./page.js";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog:modal")) return;
  const act = KEYS[event.key];
  if (act && act() !== false) event.preventDefault();
});

const KEYS = {
  "/": () => {
    const search = document.querySelector("[data-search]") ?? document.querySelector("input[type=search]");
    search?.focus();
    search?.select();
    return Boolean(search);
  },
  "?": () => {
    const help = document.getElementById("sf-keys");
    help?.showModal();
    return Boolean(help);
  },
  j: () => walk(1),
  k: () => walk(-1),
};

// Rows are walked by the link or button that opens them, so that Enter does what a click does.
function walk(way) {
  const panel = document.activeElement?.closest("[data-panel-open]") ?? null;
  const rows = [...document.querySelectorAll("[data-live-rows] > *, [data-walk] > *")]
    .filter((row) => row.offsetParent !== null && row.closest("[data-panel-open]") === panel);
  if (!rows.length) return false;
  const inHand = rows.findIndex((row) => row.contains(document.activeElement));
  const here = inHand < 0 ? rows.findIndex((row) => row.matches(".ms-opened")) : inHand;
  const next = rows[here < 0 ? (way > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + way))];
  const focusable = next.querySelector("[data-opens]") ?? next.querySelector("a[href], button") ?? next;
  if (focusable === next && !next.hasAttribute("tabindex")) next.tabIndex = -1;
  document.documentElement.dataset.walking = "";
  focusable.focus({ preventScroll: true });
  delete document.documentElement.dataset.walking;
  next.scrollIntoView({ block: "nearest" });
  return true;
}
