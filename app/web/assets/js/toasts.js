// Toasts: brought by the server as partials into #toasts, or made here from the template of the base layout.
import { onArrival, within } from "./page.js";

const STAYS_FOR = 7_000;

/** Shows a toast and returns it. `kind` is good, refused or failed; `link` = { href, text }. */
export function toast(text, { kind = "", reference = null, stays = false, link = null } = {}) {
  const template = document.getElementById("sf-toast");
  const region = document.getElementById("toasts");
  if (!template || !region || !text) return null;
  const shown = template.content.firstElementChild.cloneNode(true);
  if (kind) shown.classList.add(`sf-toast--${kind}`);
  shown.querySelector("[data-text]").textContent = text;
  const id = shown.querySelector("[data-reference]");
  if (reference) id.textContent = `${id.textContent} ${reference}`;
  else id.remove();
  const way = shown.querySelector("[data-link]");
  if (link) Object.assign(way, { href: link.href, textContent: link.text });
  else way.remove();
  if (stays || kind === "failed") shown.setAttribute("data-stays", "");
  region.append(shown);
  leaveLater(shown);
  return shown;
}

// A toast waits while it is pointed at or focused; one with an undo or an error stays longer than a mere notice.
function leaveLater(shown) {
  if (shown.hasAttribute("data-stays") || shown.dataset.timed) return;
  shown.dataset.timed = "yes";
  let timer = null;
  const wait = () => { timer = setTimeout(() => dismiss(shown), shown.querySelector("form, button[hx-post]") ? 2 * STAYS_FOR : STAYS_FOR); };
  for (const stop of ["pointerenter", "focusin"]) shown.addEventListener(stop, () => clearTimeout(timer));
  for (const start of ["pointerleave", "focusout"]) shown.addEventListener(start, wait);
  wait();
}

function dismiss(shown) {
  shown.setAttribute("data-leaving", "");
  setTimeout(() => shown.remove(), 240);
}

document.addEventListener("click", (event) => {
  const shown = event.target.closest?.(".sf-toast [data-dismiss]")?.closest(".sf-toast");
  if (shown) dismiss(shown);
});

onArrival((root) => within(root, ".sf-toasts .sf-toast").forEach(leaveLater));
