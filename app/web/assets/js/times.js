// <time datetime="…Z" data-time="short"> is written by the server in UTC and shown here in the reader's zone;
// the absolute time with its zone is on hover and for screen readers.
import { onArrival, within } from "./page.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  short: { dateStyle: "medium", timeStyle: "short" },
  date: { dateStyle: "medium" },
  clock: { timeStyle: "short" },
};
const STEPS = [[60, "second", 1], [3_600, "minute", 60], [86_400, "hour", 3_600], [2_592_000, "day", 86_400], [31_536_000, "month", 2_592_000], [Infinity, "year", 31_536_000]];
const formats = new Map();
const THIS_YEAR = { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };

// The page's language in the reader's own way of writing it: en-GB has other dates than en-US.
function ownLanguage() {
  const page = document.documentElement.lang || "en";
  return navigator.languages.find((language) => language.split("-")[0] === page.split("-")[0]) ?? page;
}
const language = ownLanguage();

function format(style, moment) {
  if (style === "relative" || style === "R") {
    if (!formats.has("relative")) formats.set("relative", new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
    const seconds = (moment - Date.now()) / 1000;
    const [, unit, size] = STEPS.find(([limit]) => Math.abs(seconds) < limit);
    return formats.get("relative").format(Math.trunc(seconds / size), unit);
  }
  const wanted = style === "short" && moment.getFullYear() === new Date().getFullYear() ? "this year" : style;
  const options = wanted === "this year" ? THIS_YEAR : STYLES[style] ?? STYLES.short;
  if (!formats.has(wanted)) formats.set(wanted, new Intl.DateTimeFormat(language, options));
  return formats.get(wanted).format(moment);
}

function localise(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  const text = format(element.dataset.time, moment);
  if (element.textContent !== text) element.textContent = text;
  if (!element.title) {
    const absolute = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
    element.title = absolute.format(moment);
  }
}

onArrival((root) => within(root, "time[data-time]").forEach(localise));
setInterval(() => {
  if (!document.hidden) document.querySelectorAll("time[data-time=relative], time[data-time=R]").forEach(localise);
}, 20_000);

export { localise };
