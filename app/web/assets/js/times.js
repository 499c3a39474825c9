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

function format(style, moment) {
  const language = document.documentElement.lang || undefined;
  if (style === "relative" || style === "R") {
    if (!formats.has("relative")) formats.set("relative", new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
    const seconds = (moment - Date.now()) / 1000;
    const [, unit, size] = STEPS.find(([limit]) => Math.abs(seconds) < limit);
    return formats.get("relative").format(Math.trunc(seconds / size), unit);
  }
  if (!formats.has(style)) formats.set(style, new Intl.DateTimeFormat(language, STYLES[style] ?? STYLES.short));
  return formats.get(style).format(moment);
}

function localise(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  const text = format(element.dataset.time, moment);
  if (element.textContent !== text) element.textContent = text;
  if (!element.title) {
    const absolute = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "full", timeStyle: "long" });
    element.title = absolute.format(moment);
  }
}

onArrival((root) => within(root, "time[data-time]").forEach(localise));
setInterval(() => {
  if (!document.hidden) document.querySelectorAll("time[data-time=relative], time[data-time=R]").forEach(localise);
}, 20_000);

export { localise };
