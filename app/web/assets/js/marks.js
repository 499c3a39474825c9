// Small marks that need a script: colours that people chose, spoilers, copying an id, forms that filter as one types.
import { onArrival, within } from "./page.js";
import { word } from "./page.js";

const COLOR = /^#[0-9a-f]{6}$/i;

// The server only sends validated colours; style attributes are refused by our own policy, the CSSOM is not.
onArrival((root) => {
  for (const element of within(root, "[data-color]")) {
    if (COLOR.test(element.dataset.color)) element.style.setProperty("--role", element.dataset.color);
  }
  for (const image of within(root, "img[data-vanish]")) {
    image.addEventListener("error", () => image.remove(), { once: true });
    if (image.complete && image.naturalWidth === 0 && image.src) image.remove();
  }
});

function uncover(spoiler) {
  spoiler.setAttribute("data-shown", "");
  spoiler.removeAttribute("role");
  spoiler.removeAttribute("tabindex");
  spoiler.removeAttribute("aria-label");
}

document.addEventListener("click", async (event) => {
  const spoiler = event.target.closest?.(".dc-spoiler:not([data-shown])");
  if (spoiler) {
    event.preventDefault();
    uncover(spoiler);
    return;
  }
  const copy = event.target.closest?.("[data-copy]");
  if (!copy) return;
  try {
    await navigator.clipboard.writeText(copy.dataset.copy);
    copy.setAttribute("data-copied", "");
    const said = document.getElementById("sf-said");
    if (said) said.textContent = word("copied");
    setTimeout(() => copy.removeAttribute("data-copied"), 1_600);
  } catch {
    getSelection()?.selectAllChildren(copy);
  }
});

document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches?.(".dc-spoiler:not([data-shown])")) {
    event.preventDefault();
    uncover(event.target);
  }
});

// A filter that is chosen applies at once; without a script the form has its own button.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("form[data-apply] select, form[data-apply] input[type=checkbox], form[data-apply] input[type=date]")) {
    event.target.form.requestSubmit();
  }
});
