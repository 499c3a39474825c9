// A picture of a message, whole, over the page: arrows step through the pictures of the same message, Escape closes.
// Without a script, and with a modifier key, the picture's link opens it by itself.
const dialog = () => document.getElementById("sf-lightbox");
let pictures = [];
let at = 0;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.dc-picture[href]");
  if (link && !event.defaultPrevented && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey && dialog()) {
    event.preventDefault();
    const around = link.closest(".dc-message") ?? link.parentElement;
    pictures = [...around.querySelectorAll("a.dc-picture[href]")].filter((one) => one.checkVisibility?.() ?? true);
    show(Math.max(0, pictures.indexOf(link)));
    dialog().showModal();
    return;
  }
  const step = event.target.closest?.("#sf-lightbox [data-step]");
  if (step) show(at + Number(step.dataset.step));
  else if (event.target.closest?.("#sf-lightbox .dc-lightbox__stage") && !event.target.matches("img")) dialog().close();
});

document.addEventListener("keydown", (event) => {
  if (!dialog()?.open) return;
  const way = { ArrowLeft: -1, k: -1, ArrowRight: 1, j: 1 }[event.key];
  if (!way) return;
  event.preventDefault();
  show(at + way);
});

function show(number) {
  at = Math.min(pictures.length - 1, Math.max(0, number));
  const link = pictures[at];
  const name = link.querySelector("img")?.alt ?? "";
  const image = dialog().querySelector("img");
  image.src = link.href;
  image.alt = name;
  dialog().querySelector("[data-whole]").href = link.href;
  dialog().querySelector("[data-name]").textContent = pictures.length > 1 ? `${at + 1} / ${pictures.length} · ${name}` : name;
  const [back, on] = dialog().querySelectorAll("[data-step]");
  back.hidden = on.hidden = pictures.length < 2;
  back.disabled = at === 0;
  on.disabled = at === pictures.length - 1;
}
