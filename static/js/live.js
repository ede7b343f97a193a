// The one socket of an open page: hints come in as "jalon:live" events of the document, frames go out by jalonLive.send.
// A hint carries no content: whoever listens asks the server for what is new. "jalon:live-open" comes after each
// connection and heartbeat, for pages to fetch what they missed: a hint can be lost. Nothing here is needed: reloading the page does the same.
//   <div data-live-scope="contract:5" hidden><a href="">…</a></div>   is shown when there is news of what the page shows
const WAITS = [1, 2, 5, 15, 30]; // seconds before the next try
const GIVE_UP = 4; // failures in a row of a socket that never opened: this server has none
const HEARTBEAT = 55_000; // the server looks at each whether the log-in still stands

const place = document.querySelector("[data-live-scope]");
const url = new URL("/ws/live/", location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
if (place) url.searchParams.set("scope", place.dataset.liveScope);

let socket = null;
let wasOpen = false;
let misses = 0;
let timer = 0;

const announce = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

const connect = () => {
  clearTimeout(timer);
  timer = 0;
  socket = new WebSocket(url);
  socket.addEventListener("message", (event) => {
    const hint = JSON.parse(event.data);
    if (hint.kind === "open") { // from here on nothing is missed
      announce("jalon:live-open", { again: wasOpen });
      if (wasOpen && place) place.hidden = false; // something may have happened while nobody listened
      wasOpen = true;
      misses = 0;
      return;
    }
    if (hint.kind === "news" && place) place.hidden = false;
    announce("jalon:live", hint);
  });
  socket.addEventListener("close", (event) => {
    socket = null;
    announce("jalon:live-close", { code: event.code });
    if (event.code === 4403 || event.code === 4429) return; // the server said no
    misses += 1;
    if (!wasOpen && misses >= GIVE_UP) return;
    // A little chance, so that a server that restarts is not asked by everybody at once.
    timer = setTimeout(connect, 1000 * WAITS[Math.min(misses, WAITS.length) - 1] * (0.75 + Math.random() / 2));
  });
};

setInterval(() => { if (window.jalonLive.send({ kind: "alive" })) announce("jalon:live-open", { again: true }); }, HEARTBEAT);
addEventListener("online", () => { if (timer) connect(); });
addEventListener("pagehide", () => socket?.close());
addEventListener("pageshow", (event) => { if (event.persisted && !socket) connect(); });

window.jalonLive = {
  // Send a frame; false when there is no connection now.
  send(frame) {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  },
  get isOpen() { return socket?.readyState === WebSocket.OPEN; },
};
connect();
