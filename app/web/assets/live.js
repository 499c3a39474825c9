// Live pages. The stream says *what* changed (a topic and a reference), never content; every region that listens to
// the topic asks the server again for what this person may see, and shows it without moving anything they use.
//
//   <body data-live-guild="300000000000000001">
//   <section id="cases" class="sf-live" data-live="moderation" hx-get="/servers/…/cases">
//     <ol data-live-rows> <li id="case-41">…</li> … </ol>       a list: known rows change in place, new ones are collected
//   </section>                                                    without data-live-rows: the whole part is refreshed
//
// `data-live` may name several topics. data-live-rows="still" keeps its rows, which change in place: none comes or goes.
// data-live-of="context-" asks only when the thing that changed (`message:7`) is shown inside (as #context-7). The signal is shown by any [data-live-signal].
import { LiveStream } from "./js/live_stream.js";
import { refreshAll, refreshTopic } from "./js/live_regions.js";

const EVERY = 60_000;

const guild = document.body?.dataset.liveGuild;

function announce(state) {
  const text = { live: "connected", polling: "polling", offline: "offline" }[state];
  for (const signal of document.querySelectorAll("[data-live-signal]")) {
    signal.dataset.state = state;
    signal.textContent = signal.dataset[text] ?? "";
  }
}

if (guild) {
  const stream = new LiveStream(guild, {
    onEvent: ({ topic, ref }) => {
      refreshTopic(topic, ref);
      document.dispatchEvent(new CustomEvent("live:event", { detail: { topic, ref } }));
    },
    onResync: refreshAll,
    onState: announce,
  });
  stream.start();

  // The stream is a hint. Whatever it misses is seen here.
  setInterval(() => { if (!document.hidden) refreshAll(); }, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    stream.wake();
    refreshAll();
  });
  addEventListener("focus", refreshAll);
  // An answer with the header HX-Trigger: refresh-live changed something that this page shows.
  document.addEventListener("refresh-live", refreshAll);
  addEventListener("online", () => { stream.wake(); refreshAll(); });
  addEventListener("pagehide", () => stream.stop());
  addEventListener("pageshow", (event) => { if (event.persisted) { stream.start(); refreshAll(); } });
}
