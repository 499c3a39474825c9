// The search box with suggestions: an ARIA combobox whose list comes from the server, which knows the grammar and the reader.
//   <input role="combobox" aria-controls="list" data-suggests="/servers/…/suggestions"> <ul id="list" role="listbox" hidden>
// Up and Down walk, Enter takes, Escape closes; without a choice Enter searches. Without a script it is a plain field.
import { onArrival, within } from "./page.js";

const DELAY = 120;
const YEAR = 31_536_000;

// Dates in a search mean the reader's own days: the server learns the zone here.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`zone=${zone}`)) {
  document.cookie = `zone=${zone}; Path=/; Max-Age=${YEAR}; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
}

class SearchBox {
  constructor(field) {
    this.field = field;
    this.list = document.getElementById(field.getAttribute("aria-controls"));
    this.timer = null;
    this.asking = null;
    field.addEventListener("input", () => this.soon());
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("blur", () => this.close());
    // The field keeps the focus while an option is pressed.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(option);
    });
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    const query = new URLSearchParams({ q: this.field.value, cursor: this.field.selectionStart ?? this.field.value.length });
    try {
      const answer = await fetch(`${this.field.dataset.suggests}?${query}`, { headers: { "HX-Request": "true" }, signal: this.asking.signal });
      if (answer.ok) this.show(await answer.text());
      else this.close();
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show(options) {
    if (document.activeElement !== this.field) return;
    this.list.innerHTML = options;
    this.choose(null);
    const isOpen = this.list.childElementCount > 0;
    this.list.hidden = !isOpen;
    this.field.setAttribute("aria-expanded", String(isOpen));
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.choose(null);
    this.field.setAttribute("aria-expanded", "false");
  }

  get isOpen() {
    return !this.list.hidden;
  }

  get chosen() {
    return this.list.querySelector("[aria-selected=true]");
  }

  choose(option) {
    this.chosen?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", option.id);
    } else {
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  walk(way) {
    const options = [...this.list.children];
    const at = options.indexOf(this.chosen);
    this.choose(options[(at < 0 ? (way > 0 ? 0 : options.length - 1) : at + way + options.length) % options.length]);
  }

  take(option) {
    this.field.value = option.dataset.query;
    const cursor = Number(option.dataset.cursor);
    this.close();
    this.field.focus();
    this.field.setSelectionRange(cursor, cursor);
    if (option.dataset.query[cursor - 1] === ":") this.ask();
  }

  press(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.isOpen) this.walk(event.key === "ArrowDown" ? 1 : -1);
      else this.ask();
    } else if (event.key === "Enter" && this.isOpen && this.chosen) {
      event.preventDefault();
      this.take(this.chosen);
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}

const known = new WeakSet();
onArrival((root) => {
  for (const field of within(root, "input[data-suggests]")) {
    if (!known.has(field)) {
      known.add(field);
      new SearchBox(field);
    }
  }
});
