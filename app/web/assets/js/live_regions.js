// Live regions hold still: nothing that arrives moves what is under the pointer, focus, selection or an open panel.
//
// A refresh is fetched by htmx (swap style "live") and laid beside what is shown:
//   known row, changed   morphed in place; taken back and tried later if that would move something in use
//   new row              slid in, at most once a second; collected ("12 new") while the list is in use or scrolled away
//   row that is gone     dimmed in place, removed when rows may move
import { htmx } from "./requests.js";
import { isInUse, movesNothingInUse, isScrolledPast } from "./stillness.js";
import { word } from "./page.js";
import { localise } from "./times.js";

const REFRESH_GAP = 1_000;
const BUSY_GAP = 2_000;
const INSERT_GAP = 1_000;
const LOOK_AGAIN = 400;
const LONGEST_LIST = 200;

let internals = null;
const states = new WeakMap();

const stateOf = (region) => {
  if (!states.has(region)) {
    states.set(region, { timer: null, refreshedAt: 0, again: false, insertedAt: 0, fresh: null, sources: new Map(), looking: null, streak: 0 });
  }
  return states.get(region);
};

const regions = () => [...document.querySelectorAll("[data-live][hx-get]")];
const rowsOf = (region) => (region.matches("[data-live-rows]") ? region : region.querySelector("[data-live-rows]"));

export function refreshAll() {
  regions().forEach(refreshSoon);
}

export function refreshTopic(topic, ref) {
  regions().filter((region) => region.dataset.live.split(/\s+/).includes(topic) && mayShow(region, ref)).forEach(refreshSoon);
}

function mayShow(region, ref) {
  const prefix = region.dataset.liveOf;
  return !prefix || Boolean(region.querySelector(`#${CSS.escape(prefix + (ref ?? "").split(":").at(-1))}`));
}

// A burst of events is one request now and one after it, never one each; a burst that lasts gets a slower beat.
function refreshSoon(region) {
  const state = stateOf(region);
  if (state.timer || document.hidden) return;
  const since = performance.now() - state.refreshedAt;
  state.streak = since < 2 * BUSY_GAP ? state.streak + 1 : 0;
  const gap = state.streak > 5 ? BUSY_GAP : REFRESH_GAP;
  state.timer = setTimeout(() => {
    state.timer = null;
    state.refreshedAt = performance.now();
    if (region.isConnected) htmx.trigger(region, "live:refresh", {}, false);
  }, Math.max(60, gap - since));
}

htmx.registerExtension("live", {
  init: (api) => { internals = api; },
  htmx_before_process: (root) => {
    for (const region of root.querySelectorAll("[data-live][hx-get]")) {
      if (!region.hasAttribute("hx-trigger")) region.setAttribute("hx-trigger", "live:refresh");
      if (!region.hasAttribute("hx-swap")) region.setAttribute("hx-swap", "live");
      if (!region.hasAttribute("hx-sync")) region.setAttribute("hx-sync", "this:replace");
    }
  },
  handle_swap: (style, region, fragment) => {
    if (style !== "live") return false;
    receive(region, fragment);
    return [];
  },
  // What the person did to an element is theirs: an opened part stays open, a shown spoiler shown, a local time local.
  htmx_before_morph_attr: (element, { attrName, newValue }) => {
    if (attrName === "open" && element.matches("details, dialog")) return false;
    if (attrName === "value" && element.matches("input") && element.value !== element.defaultValue) return false;
    if (["data-shown", "data-copied", "data-arrived", "style"].includes(attrName)) return false;
    if (element.matches(".dc-spoiler[data-shown]") && ["role", "tabindex", "aria-label"].includes(attrName)) return false;
    if (element.matches("time[data-time]") && attrName === "title" && newValue === null) return false;
    return true;
  },
  htmx_before_morph_node: (element, { newNode }) => {
    if (element.matches?.("time[data-time]") && element.dateTime === newNode.dateTime) return false;
    return true;
  },
});

function receive(region, fragment) {
  const fresh = (region.id && fragment.querySelector(`#${CSS.escape(region.id)}`)) || fragment.querySelector("[data-live]");
  const list = rowsOf(region);
  const freshList = fresh && rowsOf(fresh);
  if (!list || !freshList) {
    const whole = fresh ?? fragment.firstElementChild;
    if (whole) settlePart(region, whole);
    return;
  }
  const state = stateOf(region);
  state.fresh = [...freshList.children].filter((row) => row.id);
  settleRows(region, list, state);
  settleSurroundings(region, fresh, list);
}

// The list's companions (a counter, an empty state, a pager) carry data-live-part and an id.
function settleSurroundings(region, fresh, list) {
  for (const part of fresh.querySelectorAll("[data-live-part][id]")) {
    const shown = document.getElementById(part.id);
    if (shown && region.contains(shown) && !list.contains(shown)) morph(shown, part);
  }
}

// A part without rows: changed whole, later if somebody is in the middle of it.
function settlePart(region, whole) {
  const state = stateOf(region);
  state.whole = whole;
  if (sourceOf(region, state) === whole.outerHTML) return;
  if (!isInUse(region, { pointer: false }) && morph(region, whole)) {
    state.sources.set(region.id, whole.outerHTML);
    state.whole = null;
  } else {
    lookAgain(region, () => { if (state.whole) settlePart(region, state.whole); });
  }
}

function settleRows(region, list, state) {
  const waiting = [];
  for (const row of state.fresh) {
    const shown = rowIn(list, row.id);
    if (!shown) waiting.push(row);
    else if (!changeInPlace(shown, row, state)) state.again = true;
  }
  const isStill = list.dataset.liveRows === "still";
  const gone = isStill ? [] : goneRows(list, state.fresh);
  gone.forEach((row) => row.toggleAttribute("data-gone", true));

  if (isStill) {
    // What comes before and after is the reader's to fetch.
  } else if (!waiting.length && !gone.length) {
    showWaiting(region, 0);
  } else if (mayMoveRows(region, list, state) && arrange(list, state)) {
    state.insertedAt = performance.now();
    showWaiting(region, 0);
  } else {
    showWaiting(region, waiting.length);
    state.again = true;
  }
  if (state.again) {
    state.again = false;
    lookAgain(region, () => settleRows(region, list, state));
  }
}

function lookAgain(region, settle) {
  const state = stateOf(region);
  clearTimeout(state.looking);
  state.looking = setTimeout(() => { if (region.isConnected) settle(); }, LOOK_AGAIN);
}

const rowIn = (list, id) => [...list.children].find((row) => row.id === id);

function goneRows(list, fresh) {
  const known = new Set(fresh.map((row) => row.id));
  const last = [...list.children].findLastIndex((row) => known.has(row.id));
  // What stands after the last fresh row was pushed off the page, which is not the same as gone.
  return [...list.children].slice(0, last + 1).filter((row) => row.id && !known.has(row.id));
}

function changeInPlace(shown, row, state) {
  const source = row.outerHTML;
  if (sourceOf(shown, state) === source) return true;
  if (isInUse(shown, { pointer: false })) return false;
  if (!morph(shown, row)) return false;
  state.sources.set(row.id, source);
  return true;
}

// What the server last said of an element. The page's own copy differs from it: times are local, spoilers open.
function sourceOf(shown, state) {
  return state.sources.get(shown.id) ?? null;
}

/** Morphs `shown` into `fresh`; false, with everything as it was, where that would have moved something in use. */
function morph(shown, fresh) {
  const backup = shown.cloneNode(true);
  const fragment = document.createDocumentFragment();
  fragment.append(fresh.cloneNode(true));
  fragment.querySelectorAll("time[data-time]").forEach(localise);
  const kept = movesNothingInUse(() => internals.morph(shown, fragment, false));
  if (kept) {
    htmx.process(shown);
    return true;
  }
  for (const { name, value } of backup.attributes) shown.setAttribute(name, value);
  shown.replaceChildren(...backup.childNodes);
  htmx.process(shown, true);
  return false;
}

function mayMoveRows(region, list, state) {
  return performance.now() - state.insertedAt >= INSERT_GAP
    && !document.querySelector("dialog:modal")
    && !isInUse(list, { pointer: true })
    && !isScrolledPast(list);
}

/** Brings the list into the fresh order; false, with the list as it was, where something in use would move. */
function arrange(list, state, { force = false } = {}) {
  const before = [...list.children];
  const arrived = [];
  const place = () => {
    const known = new Set(state.fresh.map((row) => row.id));
    const overlap = before.some((row) => known.has(row.id));
    const gone = new Set(goneRows(list, state.fresh));
    const older = overlap ? before.filter((row) => !known.has(row.id) && !gone.has(row)) : [];
    const next = state.fresh.map((row) => before.find((shown) => shown.id === row.id) ?? bring(row, arrived));
    putInOrder(list, [...next, ...older].slice(0, LONGEST_LIST));
  };
  if (force) place();
  else if (!movesNothingInUse(place)) {
    putInOrder(list, before);
    return false;
  }
  for (const row of arrived) {
    state.sources.set(row.id, row.dataset.source);
    delete row.dataset.source;
    htmx.process(row);
    setTimeout(() => row.removeAttribute("data-arrived"), 1_500);
  }
  return true;
}

// Moving a node that holds focus or a playing picture resets it: only what is out of place is touched.
function putInOrder(list, rows) {
  const keep = new Set(rows);
  for (const row of [...list.children]) if (!keep.has(row)) row.remove();
  rows.forEach((row, place) => { if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null); });
}

function bring(row, arrived) {
  const copy = row.cloneNode(true);
  copy.dataset.source = row.outerHTML;
  copy.setAttribute("data-arrived", "");
  copy.querySelectorAll("time[data-time]").forEach(localise);
  arrived.push(copy);
  return copy;
}

function showWaiting(region, count) {
  let pill = region.querySelector(":scope > .sf-live__new");
  if (!count) {
    pill?.remove();
    return;
  }
  if (!pill) {
    pill = document.getElementById("sf-live-new")?.content.firstElementChild.cloneNode(true);
    if (!pill) return;
    region.prepend(pill);
  }
  pill.classList.toggle("sf-live__new--afloat", isScrolledPast(region));
  const text = word("waiting").replace("{count}", count);
  const label = pill.querySelector("[data-text]");
  if (label.textContent !== text) label.textContent = text;
}

function showArrivals(region) {
  const list = rowsOf(region);
  const state = stateOf(region);
  if (!list || !state.fresh) return;
  arrange(list, state, { force: true });
  state.insertedAt = performance.now();
  showWaiting(region, 0);
  if (isScrolledPast(region)) region.scrollIntoView({ block: "start" });
}

document.addEventListener("click", (event) => {
  const region = event.target.closest?.(".sf-live__new")?.closest("[data-live]");
  if (region) showArrivals(region);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "." || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
  regions().filter((region) => region.querySelector(":scope > .sf-live__new")).forEach(showArrivals);
});
