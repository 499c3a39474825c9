// The stream of one community's events: a socket with a single-use ticket; while it cannot be had, polling with the
// same cursor. Every event in the log arrives once and in order, or onResync is called.
import { askToSignIn } from "./requests.js";

const SUBPROTOCOL = "snowflake.live.v1";
const CLOSE_UNAUTHORIZED = 4401;
const POLL_EVERY = 5_000;
const SLOWEST_RETRY = 30_000;
const SILENT_FOR = 12_000;

export class LiveStream {
  #guild;
  #on;
  #cursor = null;
  #socket = null;
  #timers = { retry: null, poll: null, hello: null };
  #failures = 0;
  #running = false;
  #opening = false;

  constructor(guild, listeners) {
    this.#guild = guild;
    this.#on = listeners;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#open();
  }

  stop() {
    this.#running = false;
    Object.values(this.#timers).forEach(clearTimeout);
    this.#socket?.close();
    this.#socket = null;
  }

  /** Tries the socket now rather than when its back-off ends. */
  wake() {
    if (!this.#running || this.#socket || this.#opening) return;
    this.#failures = 0;
    this.#open();
  }

  async #open() {
    clearTimeout(this.#timers.retry);
    this.#opening = true;
    try {
      const answer = await this.#ticket();
      if (answer && this.#running) this.#connect(answer);
    } catch {
      this.#fallBack();
    } finally {
      this.#opening = false;
    }
  }

  async #ticket() {
    const response = await fetch("/api/bot/ws-ticket", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ guild_id: this.#guild }),
    });
    if (response.ok) return response.json();
    if (this.#isRefused(response.status)) return null;
    throw new Error(`ticket ${response.status}`);
  }

  #connect({ url, ticket }) {
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    if (this.#cursor) address.searchParams.set("after", this.#cursor);
    const socket = new WebSocket(address, [SUBPROTOCOL, ticket]);
    this.#socket = socket;
    this.#timers.hello = setTimeout(() => socket.close(), SILENT_FOR);
    socket.addEventListener("message", ({ data }) => { if (socket === this.#socket) this.#take(JSON.parse(data)); });
    socket.addEventListener("close", ({ code }) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      clearTimeout(this.#timers.hello);
      if (!this.#running) return;
      // A role that changed closes the socket too: what the page shows may no longer be ours to see.
      if (code === CLOSE_UNAUTHORIZED) this.#on.onResync();
      this.#fallBack();
    });
  }

  #take(message) {
    if (message.type === "hello") {
      // What happened between the page and its stream, or while it was lost, is in no event: look once.
      const hasMissed = this.#cursor === null || this.#failures > 0;
      clearTimeout(this.#timers.hello);
      clearTimeout(this.#timers.poll);
      this.#cursor ??= message.cursor;
      this.#failures = 0;
      this.#on.onState("live");
      if (hasMissed) this.#on.onResync();
    } else if (message.type === "resync") {
      this.#cursor = message.cursor;
      this.#on.onResync();
    } else if (message.type === "event") {
      this.#cursor = message.id;
      this.#on.onEvent(message);
    }
  }

  #fallBack() {
    if (!this.#running) return;
    this.#failures += 1;
    const wait = Math.min(SLOWEST_RETRY, 1_000 * 2 ** (this.#failures - 1));
    clearTimeout(this.#timers.retry);
    this.#timers.retry = setTimeout(() => this.#open(), wait * (0.75 + Math.random() / 2));
    clearTimeout(this.#timers.poll);
    this.#timers.poll = setTimeout(() => this.#poll(), this.#failures === 1 ? 500 : 0);
  }

  async #poll() {
    if (!this.#running || this.#socket?.readyState === WebSocket.OPEN) return;
    let wait = POLL_EVERY;
    if (!document.hidden) {
      try {
        wait = await this.#ask();
      } catch {
        this.#on.onState("offline");
      }
    }
    clearTimeout(this.#timers.poll);
    if (wait !== null && this.#running && !this.#socket) this.#timers.poll = setTimeout(() => this.#poll(), wait);
  }

  async #ask() {
    const after = this.#cursor ? `?after=${encodeURIComponent(this.#cursor)}` : "";
    const response = await fetch(`/api/live/${this.#guild}${after}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (this.#isRefused(response.status)) return null;
    if (!response.ok) throw new Error(`poll ${response.status}`);
    const page = await response.json();
    if (page.resync) this.#on.onResync();
    for (const event of page.events ?? []) this.#on.onEvent(event);
    this.#cursor = page.cursor ?? null;
    this.#on.onState("polling");
    return page.retry_after ? page.retry_after * 1_000 : POLL_EVERY;
  }

  // Signed out, or no longer of this community: asking again would only be refused again.
  #isRefused(status) {
    if (![401, 403, 404].includes(status)) return false;
    this.stop();
    this.#on.onState("offline");
    if (status === 401) askToSignIn();
    else this.#on.onResync();
    return true;
  }
}
