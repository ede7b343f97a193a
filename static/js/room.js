// An open room fetches what it has missed, after each hint and each connection; the head counts the rooms to be read.
// Everything works without it: a page that is loaded again shows the same.
const PAUSE = 400; // hints that come together are answered once
const find = (selector) => document.querySelector(selector);
const room = () => find("#room[data-room]");
let isBusy = false;
let isLate = false;
let timer = 0;

// Put messages in: a changed one in its place, a new one in the order of their numbers.
const number = (article) => Number(article.id.replace("message-", ""));
const place = (article, log) => {
  const old = document.getElementById(article.id);
  if (old) { old.replaceWith(article); return; }
  if (number(article) < Number(log.firstElementChild?.id.replace("message-", "") ?? 0)) return; // on an older page
  const after = [...log.children].find((each) => number(each) > number(article));
  log.insertBefore(article, after ?? null);
};

const catchUp = async () => {
  const here = room();
  if (!here) return;
  if (isBusy) { isLate = true; return; }
  isBusy = true;
  isLate = false;
  try {
    const url = new URL(here.dataset.news, location.href);
    url.searchParams.set("after", here.dataset.last);
    url.searchParams.set("revision", here.dataset.revision);
    if (document.visibilityState === "visible") url.searchParams.set("seen", "1");
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-revision]");
    if (!found || here !== room()) return;
    const log = find("#room-messages");
    const isAtEnd = innerHeight + scrollY > document.documentElement.scrollHeight - 300;
    let came = false;
    for (const article of found.querySelectorAll("article")) {
      came ||= !document.getElementById(article.id);
      place(document.importNode(article, true), log);
      here.dataset.last = String(Math.max(Number(here.dataset.last), number(article)));
    }
    here.dataset.revision = found.dataset.revision;
    if (log.children.length) find("#room-empty")?.remove();
    const seen = found.querySelector("#room-seen");
    if (seen) find("#room-seen")?.replaceWith(document.importNode(seen, true));
    if (came && isAtEnd) find("#room-end")?.scrollIntoView({ block: "end" });
    isLate ||= "more" in found.dataset;
  } catch { // away: the next connection asks again
  } finally {
    isBusy = false;
    if (isLate) catchUp();
  }
};

const count = async () => {
  const badge = find("[data-unread]");
  if (!badge) return;
  try {
    const answer = await fetch(badge.dataset.unread);
    if (!answer.ok || answer.redirected) return;
    const unread = Number(await answer.text());
    badge.hidden = !unread;
    badge.firstElementChild.textContent = unread;
  } catch { /* away: the next page shows it */ }
};

const soon = (hint) => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (!hint || String(hint.room) === room()?.dataset.room) await catchUp();
    count();
  }, PAUSE);
};
document.addEventListener("jalon:live", (event) => { if (event.detail.kind === "room") soon(event.detail); });
document.addEventListener("jalon:live-open", () => { catchUp(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") soon(); });

// Ctrl and Enter send what was typed.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-composer]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// Answering a message without leaving what was typed.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-answer]");
  const form = find("#room-form");
  if (!link || !form) return;
  event.preventDefault();
  const article = link.closest("article");
  form.elements.quoted.value = link.dataset.answer;
  const shown = find("#room-answered");
  shown.hidden = !article;
  if (article) {
    const bubble = article.querySelector(".bubble").cloneNode(true);
    bubble.querySelector(".quoted")?.remove();
    const words = bubble.textContent.replace(/\s+/g, " ").slice(0, 140);
    shown.querySelector("[data-answered]").textContent = `${article.querySelector("strong").textContent}: ${words}`;
  }
  form.elements.text.focus();
});

// After one's own message the next one is typed at once.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "room" && !find("#room .errors, #room .error")) find("#room [data-composer]")?.focus();
});
