// Opens a row's link beside the list where there is room; elsewhere, and with a modifier key, it is a plain link.
//   <div data-opens-beside="panel"> … <a href="…" data-opens> …   <aside id="panel">
// The address keeps what is open (?open=…), so that a view can be shared and survives a reload.
import { htmx } from "./requests.js";
import { isTyping, onArrival, within } from "./page.js";

const ROOM = matchMedia("(min-width: 75rem)");

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-close-beside]")) {
    event.preventDefault();
    close(event.target.closest("[data-panel-open]"));
    return;
  }
  const link = event.target.closest?.("a[data-opens], a.dc-reply__text");
  const panel = document.getElementById(link?.closest("[data-opens-beside]")?.dataset.opensBeside ?? "");
  if (!panel || !ROOM.matches || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(panel, link);
});

document.addEventListener("keydown", (event) => {
  const panel = event.key === "Escape" && !event.defaultPrevented ? document.querySelector(".ms-panel[data-panel-open]") : null;
  if (panel && !isTyping(event.target) && !document.querySelector("dialog:modal, details[open].sf-menu")) close(panel);
});

async function open(panel, link) {
  await htmx.ajax("GET", link.getAttribute("href"), { target: panel, swap: "innerHTML", source: link });
  const shown = panel.querySelector("[data-context-of]")?.dataset.contextOf;
  if (!shown) return;
  panel.setAttribute("data-panel-open", "");
  remember(shown);
  mark();
  panel.scrollTop = 0;
  middle(panel);
  const said = document.getElementById("sf-said");
  if (said) said.textContent = panel.dataset.said;
}

function close(panel) {
  if (!panel) return;
  const shown = panel.querySelector("[data-context-of]")?.dataset.contextOf;
  const hadFocus = panel.contains(document.activeElement);
  panel.removeAttribute("data-panel-open");
  panel.replaceChildren();
  remember(null);
  mark();
  if (hadFocus) document.getElementById(`message-${shown}`)?.querySelector("a[data-opens]")?.focus({ preventScroll: true });
}

function remember(shown) {
  const address = new URL(location.href);
  if (shown) address.searchParams.set("open", shown);
  else address.searchParams.delete("open");
  history.replaceState(history.state, "", address);
}

// The row whose message is open, also after the list has changed.
function mark() {
  const shown = document.querySelector(".ms-panel[data-panel-open] [data-context-of]")?.dataset.contextOf;
  for (const row of document.querySelectorAll(".ms-rows > li")) row.classList.toggle("ms-opened", row.dataset.message === shown);
}

// The message that was asked for, in the middle of what the panel shows; the page itself does not move.
function middle(panel) {
  const marked = panel.querySelector(".ms-marked");
  if (!marked) return;
  const frame = panel.getBoundingClientRect();
  const row = marked.getBoundingClientRect();
  panel.scrollTop += row.top - frame.top - Math.max(0, (frame.height - row.height) / 2);
}

// A picture whose link Discord has let run out.
function goneQuietly(image) {
  const frame = image.closest(".dc-picture");
  if (!frame || frame.hasAttribute("data-gone")) return;
  frame.setAttribute("data-gone", "");
  frame.removeAttribute("href");
  const words = document.createElement("span");
  words.textContent = document.getElementById("sf-words")?.dataset.pictureGone?.replace("{name}", image.alt) ?? image.alt;
  frame.append(words);
}

document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLImageElement) goneQuietly(event.target);
}, true);

onArrival((root) => {
  mark();
  for (const panel of within(root, ".ms-panel[data-panel-open]")) middle(panel);
  for (const image of within(root, ".dc-picture img")) {
    if (image.complete && image.src && image.naturalWidth === 0) goneQuietly(image);
  }
});
