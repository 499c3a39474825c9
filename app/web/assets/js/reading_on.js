// Reads on in a channel while one scrolls towards its edge, in either direction, and holds still what is being read.
//   <li class="ms-further"><a hx-get="…" data-earlier>     a link that works without a script too
// Also: a day that is said twice, because parts were put together, is said once.
import { onArrival, within } from "./page.js";

const NEAR = 240;

const frameOf = (element) => element.closest(".ms-panel[data-panel-open], [data-live-scroll]");
const isScroller = (frame) => frame && frame.scrollHeight > frame.clientHeight;
let lastTop = new WeakMap();
let lastWindowTop = 0;

document.addEventListener("scroll", (event) => {
  const frame = event.target instanceof Element ? event.target : null;
  const top = frame ? frame.scrollTop : scrollY;
  const before = frame ? lastTop.get(frame) ?? 0 : lastWindowTop;
  if (frame) lastTop.set(frame, top);
  else lastWindowTop = top;
  if (top !== before) readOn(frame, top < before ? "earlier" : "later");
}, { capture: true, passive: true });

function readOn(frame, way) {
  const edge = frame?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
  for (const link of document.querySelectorAll(`.ms-further > a[data-way=${way}]`)) {
    if (link.dataset.asked !== undefined) continue;
    const own = frameOf(link);
    if (frame ? own !== frame : isScroller(own)) continue;
    const box = link.getBoundingClientRect();
    const isNear = way === "earlier" ? box.bottom > edge.top - NEAR && box.top < edge.bottom : box.top < edge.bottom + NEAR && box.bottom > edge.top;
    if (isNear) link.click();
  }
}

// What comes above pushes down what is read: it is put back before anything is painted.
const held = new WeakMap();
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.matches?.(".ms-further > a")) event.target.dataset.asked = "";
});
document.addEventListener("htmx:before:swap", (event) => {
  const link = event.target.closest?.(".ms-further > a[data-way=earlier]");
  const next = link?.parentElement.nextElementSibling;
  if (next) held.set(event.detail.ctx, { next, top: next.getBoundingClientRect().top, frame: frameOf(next) });
});
document.addEventListener("htmx:after:swap", (event) => {
  const kept = held.get(event.detail.ctx);
  if (!kept) return;
  sayDaysOnce(kept.next.parentElement);
  const moved = kept.next.getBoundingClientRect().top - kept.top;
  if (isScroller(kept.frame)) kept.frame.scrollTop += moved;
  else scrollBy(0, moved);
});

function sayDaysOnce(list) {
  let before = null;
  for (const row of list.querySelectorAll(":scope > [data-day]")) {
    const said = row.querySelector(":scope > .ms-day");
    if (said) said.hidden = row.dataset.day === before;
    before = row.dataset.day;
  }
}
onArrival((root) => {
  const lists = new Set(within(root, ".ms-around"));
  const own = root.closest(".ms-around");
  if (own) lists.add(own);
  lists.forEach(sayDaysOnce);
});
