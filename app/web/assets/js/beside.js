// Opens a row's link beside the list where there is room; elsewhere, and with a modifier key, it is a plain link.
//   <div data-opens-beside="panel"> … <a href="…" data-opens> …   <aside id="panel">
// The address keeps what is open (?open=…), so that a view can be shared, survives a reload, and Back closes it. The list
// stays as it was: its rows, where it is scrolled to, and the row in hand; also after Back from a page of its own.
import { htmx } from "./requests.js";
import { isTyping, onArrival, within } from "./page.js";

const ROOM = matchMedia("(min-width: 68.75rem)");
const WALK_PAUSE = 120;
const OPENED = "opened-row";

const openPanel = () => document.querySelector(".ms-panel[data-panel-open]");
const shownIn = (panel) => panel?.querySelector("[data-context-of]")?.dataset.contextOf;
const panelOf = (link) => document.getElementById(link?.closest("[data-opens-beside]")?.dataset.opensBeside ?? "");
const rowLink = (id) => document.getElementById(`message-${id}`)?.querySelector("a[data-opens]");

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-close-beside]")) {
    event.preventDefault();
    close(event.target.closest("[data-panel-open]"));
    return;
  }
  const link = event.target.closest?.("a[data-opens], a.dc-reply__text");
  const panel = panelOf(link);
  if (!panel || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (!ROOM.matches) {
    rememberRow(link);
    return;
  }
  event.preventDefault();
  open(panel, link);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog:modal, details[open].sf-menu")) return;
  const panel = openPanel();
  if (event.key === "Escape" && panel) close(panel);
  else if (event.key === "o") {
    if (panel) close(panel);
    else document.activeElement?.closest?.(".ms-rows > li")?.querySelector("a[data-opens]")?.click();
  } else {
    const act = document.querySelector(`#context-author [data-act="${ACTS[event.key]}"]`);
    if (!act) return;
    act.click();
  }
  event.preventDefault();
});

const ACTS = { t: "timeout", x: "kick", b: "ban" };

// While a message is open, walking the list walks what is open too.
let pausing = null;
document.addEventListener("focusin", (event) => {
  const panel = openPanel();
  const link = event.target.matches?.(".ms-rows a[data-opens]") ? event.target : null;
  if (!panel || !link || !ROOM.matches || document.documentElement.dataset.walking === undefined) return;
  clearTimeout(pausing);
  pausing = setTimeout(() => { if (openPanel() && link.isConnected) open(panel, link); }, WALK_PAUSE);
});

// One at a time: whoever walks quickly gets the last one asked for, never an earlier answer that came late.
let isOpening = false;
let wanted = null;

async function open(panel, link) {
  if (isOpening) {
    wanted = link;
    return;
  }
  isOpening = true;
  try {
    await htmx.ajax("GET", link.getAttribute("href"), { target: panel, swap: "innerHTML", source: link });
    show(panel);
  } finally {
    isOpening = false;
  }
  const next = wanted;
  wanted = null;
  if (next?.isConnected) await open(panel, next);
}

function show(panel) {
  const shown = shownIn(panel);
  if (!shown) return;
  remember(shown, { anew: !panel.hasAttribute("data-panel-open") });
  panel.setAttribute("data-panel-open", "");
  mark();
  panel.scrollTop = 0;
  middle(panel);
  const said = document.getElementById("sf-said");
  if (said) said.textContent = panel.dataset.said;
}

function close(panel) {
  if (!panel) return;
  remember(null, { anew: false });
  empty(panel);
}

function empty(panel) {
  const shown = shownIn(panel);
  const hadFocus = panel.contains(document.activeElement);
  panel.removeAttribute("data-panel-open");
  panel.replaceChildren();
  mark();
  if (hadFocus) rowLink(shown)?.focus({ preventScroll: true });
}

const withOpen = (shown) => {
  const address = new URL(location.href);
  if (shown) address.searchParams.set("open", shown);
  else address.searchParams.delete("open");
  address.hash = "";
  return address;
};
const listAddress = () => withOpen(null).href;
let listShown = listAddress();

// The first message that is opened is a step that Back takes back; walking on from it is not.
function remember(shown, { anew }) {
  if (anew) {
    history.scrollRestoration = "manual";
    history.pushState(null, "", withOpen(shown));
    history.scrollRestoration = "manual";
  } else history.replaceState(history.state, "", withOpen(shown));
}

async function followHistory() {
  const panel = document.querySelector(".ms-panel");
  if (!panel || listAddress() !== listShown) return;
  const shown = new URL(location.href).searchParams.get("open");
  if (shown === (shownIn(panel) ?? null)) return;
  if (!shown) {
    empty(panel);
    return;
  }
  const link = rowLink(shown);
  if (!link) location.reload();
  else {
    await htmx.ajax("GET", link.getAttribute("href"), { target: panel, swap: "innerHTML", source: link });
    panel.setAttribute("data-panel-open", "");
    mark();
    middle(panel);
  }
}
addEventListener("popstate", followHistory);
// The same list with another message beside it is not another page.
document.addEventListener("htmx:before:history:restore", (event) => {
  if (document.querySelector(".ms-panel") && listAddress() === listShown) event.preventDefault();
});
addEventListener("pagehide", () => { history.scrollRestoration = "auto"; });

// Where there is no room the message is a page of its own: Back finds the row again, with the focus on it.
function rememberRow(link) {
  const row = link.closest(".ms-rows > li");
  if (row) sessionStorage.setItem(OPENED, JSON.stringify({ list: listAddress(), row: row.id }));
}

function findRowAgain() {
  const kept = JSON.parse(sessionStorage.getItem(OPENED) ?? "null");
  if (kept?.list !== listAddress()) return;
  if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  sessionStorage.removeItem(OPENED);
  const row = document.getElementById(kept.row);
  row?.querySelector("a[data-opens]")?.focus({ preventScroll: true });
  const box = row?.getBoundingClientRect();
  if (box && (box.bottom < 0 || box.top > innerHeight)) row.scrollIntoView({ block: "center" });
}
addEventListener("load", findRowAgain);

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
