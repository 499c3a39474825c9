// What the person has in hand, and whether a change to the page would move it.
let pointer = null;

document.addEventListener("pointermove", (event) => { pointer = { x: event.clientX, y: event.clientY }; }, { passive: true });
document.addEventListener("pointerdown", (event) => { pointer = { x: event.clientX, y: event.clientY }; }, { passive: true });
document.addEventListener("pointerup", (event) => { if (event.pointerType !== "mouse") pointer = null; }, { passive: true });
document.addEventListener("pointercancel", () => { pointer = null; }, { passive: true });
document.documentElement.addEventListener("pointerleave", () => { pointer = null; });

const pointed = () => (pointer ? document.elementFromPoint(pointer.x, pointer.y) : null);
const focused = () => (document.activeElement && document.activeElement !== document.body ? document.activeElement : null);

function selected() {
  const selection = getSelection();
  return selection && !selection.isCollapsed && selection.rangeCount ? selection.getRangeAt(0) : null;
}

const TYPED = "textarea, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=hidden])";
const OPEN = "details[open].sf-menu, details[open][data-panel], dialog[open], [data-panel-open]";

/** True while `part` holds the focus of typing, something typed, a selection or an open panel; with `pointer`, also any
    focus or the pointer. */
export function isInUse(part, { pointer: alsoPointed }) {
  const focus = focused();
  if (focus && part.contains(focus) && (alsoPointed || focus.matches(TYPED))) return true;
  if (selected()?.intersectsNode(part)) return true;
  if (part.querySelector(OPEN)) return true;
  if ([...part.querySelectorAll(TYPED)].some((field) => field.value !== field.defaultValue)) return true;
  return Boolean(alsoPointed && part.contains(pointed()));
}

/** True where the part's beginning has been scrolled out of sight; what is not drawn, as an empty list, has none. */
export function isScrolledPast(part) {
  if (!part.getClientRects().length) return false;
  const bar = document.querySelector(".sf-top")?.getBoundingClientRect().bottom ?? 0;
  const frame = part.closest("[data-live-scroll]");
  return part.getBoundingClientRect().top < bar - 8 || (frame?.scrollTop ?? 0) > 8;
}

// The thing a hand is on is the smallest one that can be chosen, else the row it belongs to.
const grip = (element) => element?.closest("a, button, input, select, textarea, summary, label, time, [role=button]")
  ?? element?.closest("tr, li, [data-live-rows] > *") ?? element;

function held() {
  const things = [grip(pointed()), focused(), ...document.querySelectorAll(OPEN)].filter(Boolean);
  const range = selected();
  return range ? [...things, range] : things;
}

const place = (thing) => {
  const { top, left } = thing.getBoundingClientRect();
  return { top, left, isThere: thing instanceof Range || thing.isConnected };
};

/** Runs `change`; false where it moved or removed something in hand. Measured before anything is painted. */
export function movesNothingInUse(change) {
  const before = held().map((thing) => [thing, place(thing)]);
  change();
  return before.every(([thing, was]) => {
    const now = place(thing);
    return now.isThere && Math.abs(now.top - was.top) < 1 && Math.abs(now.left - was.left) < 1;
  });
}
