// Small things every other file here needs from the page.

/** A sentence for people, translated by the server: `<div id="sf-words" data-…>` in the base layout. */
export function word(name) {
  return document.getElementById("sf-words")?.dataset[name] ?? "";
}

/** Runs `upgrade(root)` for the page as it is, and for everything htmx or a live region brings later. */
export function onArrival(upgrade) {
  const start = () => upgrade(document.body);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:after:process", (event) => {
    if (event.target instanceof Element) upgrade(event.target);
  });
}

/** `root` itself, if it matches, and its descendants that match. */
export function within(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  return root.matches(selector) ? [root, ...found] : found;
}

/** True while the person is typing somewhere, so that single-letter shortcuts must stay quiet. */
export function isTyping(target) {
  return target instanceof Element
    && (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));
}
