// Tells an open page that there is news. An element says where to listen and what to do:
//   <div data-news-url="/ws/…" hidden><a href="">…</a></div>         is shown when news comes
//   <div data-news-url="/ws/…" data-news-refresh="#messages">        that element is loaded again by htmx
// A refreshed element carries hx-get and hx-trigger="news". Nothing here is needed: reloading the page does the same.
const WAITS = [1, 2, 5, 15, 60]; // seconds before the next try
const GIVE_UP = 3; // failures in a row of a socket that never opened: this server has none

const listen = (place, wasOpen = false, misses = 0) => {
  const url = new URL(place.dataset.newsUrl, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  let isOpen = false;
  socket.addEventListener("open", () => {
    isOpen = true;
    if (wasOpen) tell(place); // something may have happened while nobody listened
  });
  socket.addEventListener("message", () => tell(place));
  socket.addEventListener("close", (event) => {
    if (event.code >= 4000 || !place.isConnected) return; // the server said no, or the page has moved on
    const missed = isOpen ? 1 : misses + 1;
    if (!isOpen && !wasOpen && missed >= GIVE_UP) return;
    setTimeout(() => listen(place, isOpen || wasOpen, missed), 1000 * WAITS[Math.min(missed, WAITS.length) - 1]);
  });
};

const tell = (place) => {
  const target = place.dataset.newsRefresh && document.querySelector(place.dataset.newsRefresh);
  if (target && window.htmx && !target.contains(document.activeElement)) window.htmx.trigger(target, "news");
  else place.hidden = false;
};

document.querySelectorAll("[data-news-url]").forEach((place) => listen(place));
