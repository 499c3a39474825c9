// Menus are <details>: they open without a script. This closes them as people expect: elsewhere, Escape, a choice made.
const openMenus = () => document.querySelectorAll("details.sf-menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target) || event.target.closest?.(".sf-menu__item:not([data-stay])")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.sf-menu[open]");
  if (event.key === "Escape") {
    for (const open of openMenus()) {
      open.open = false;
      if (open === menu) open.querySelector("summary").focus();
    }
  } else if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    step(menu, event);
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.sf-menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

function step(menu, event) {
  const items = [...menu.querySelectorAll(".sf-menu__item")];
  const here = items.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? here + 1 : here < 0 ? items.length - 1 : here - 1;
  items.at(next % items.length)?.focus();
  event.preventDefault();
}
