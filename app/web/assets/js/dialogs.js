// Dialogs arrive as partials into #dialogs and open as modal; without a script the same link is a page.
//   <a href="/…/bans/new" hx-get="/…/bans/new" hx-target="#dialogs">
// A form inside posts with hx-target="closest dialog" hx-swap="outerMorph", so that errors appear in the open dialog.
// The server closes it with the header HX-Trigger: close-dialog.
import { onArrival, within } from "./page.js";

onArrival((root) => {
  for (const dialog of within(root, "dialog[data-modal]")) {
    if (dialog.open || !dialog.isConnected) continue;
    dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector(".sf-dialog__body :is(input:not([type=hidden]), textarea, select)"))?.focus();
  }
  const wrong = root.closest?.("dialog[open]")?.querySelector("[aria-invalid='true']")
    ?? within(root, "dialog[open]")[0]?.querySelector("[aria-invalid='true']");
  wrong?.focus();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-open-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.openDialog);
    if (dialog) { dialog.showModal(); event.preventDefault(); }
    return;
  }
  const closer = event.target.closest?.("dialog [data-close]");
  const dialog = closer?.closest("dialog:modal") ?? (isBackdrop(event) ? event.target : null);
  if (dialog && !(isBackdrop(event) && hasTyped(dialog))) {
    event.preventDefault();
    dialog.close();
  }
});

// The click that starts on the veil closes, unless something typed would be lost.
const isBackdrop = (event) => event.target instanceof HTMLDialogElement && event.target.matches(":modal") && event.detail > 0;
const hasTyped = (dialog) => [...dialog.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue);

document.addEventListener("close", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.closest("#dialogs")) event.target.remove();
}, true);

document.addEventListener("close-dialog", () => {
  for (const dialog of document.querySelectorAll("dialog:modal")) dialog.close();
});
