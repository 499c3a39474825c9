// htmx, and what happens when a request does not come back as hoped.
//
// What a server may answer to an htmx request:
//   2xx, 409, 422   swapped as usual: a form comes back with its errors beside the fields
//   other 4xx, 5xx  nothing is swapped, so nothing typed is lost; the answer may carry a toast as
//                   <hx-partial hx-target="#toasts" hx-swap="beforeend">; without one a toast is made here
//   401             a toast that leads to sign in and back to this page
import htmx from "htmx.org/dist/htmx.esm.js";
import { word } from "./page.js";
import { toast } from "./toasts.js";

Object.assign(htmx.config, {
  history: "reload",
  includeIndicatorCSS: false,
  defaultTimeout: 20_000,
  noSwap: [204, 304, 400, 401, 403, 404, 405, 410, 413, 429, "5xx"],
});

let running = 0;

document.addEventListener("htmx:before:request", (event) => {
  if (isQuiet(event)) return;
  running += 1;
  document.documentElement.toggleAttribute("data-working", true);
});
document.addEventListener("htmx:finally:request", (event) => {
  if (isQuiet(event)) return;
  running = Math.max(0, running - 1);
  document.documentElement.toggleAttribute("data-working", running > 0);
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  const { status } = ctx.response;
  if (status === 401) {
    askToSignIn();
  } else if (!isQuiet(event) && status !== 409 && status !== 422 && !/<hx-partial/i.test(ctx.text ?? "")) {
    toast(word(`status${status}`) || word(status >= 500 ? "statusServer" : "statusRequest"), {
      kind: status >= 500 ? "failed" : "refused",
      reference: ctx.response.headers.get("x-request-id"),
    });
  }
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !isQuiet(event)) toast(word(navigator.onLine ? "unreachable" : "offline"), { kind: "failed" });
});

/** One toast, however many requests find the session gone. It leads back to where the person was. */
export function askToSignIn() {
  if (document.querySelector("[data-sign-in-again]")) return;
  const back = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  const shown = toast(word("signedOut"), { kind: "refused", stays: true, link: { href: back, text: word("signIn") } });
  shown?.setAttribute("data-sign-in-again", "");
}

// A live region refreshes by itself; it says so with its own signal, not with toasts.
const isQuiet = (event) => event.detail.ctx?.sourceElement?.matches?.("[data-live]");

function showConnection() {
  for (const banner of document.querySelectorAll("[data-offline-notice]")) banner.hidden = navigator.onLine;
}
addEventListener("online", showConnection);
addEventListener("offline", showConnection);
document.addEventListener("DOMContentLoaded", showConnection);

export { htmx };
