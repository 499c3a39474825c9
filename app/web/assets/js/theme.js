// The theme is a cookie, so that the server draws the first paint in it: light, dark, or the system's (no cookie).
const YEAR = 31_536_000;

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-choose-theme]")?.dataset.chooseTheme;
  if (!chosen) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${chosen}; Path=/; Max-Age=${chosen === "system" ? 0 : YEAR}; SameSite=Lax${secure}`;
  show(chosen);
});

function show(chosen) {
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  for (const choice of document.querySelectorAll("[data-choose-theme]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.chooseTheme === chosen));
  }
}
