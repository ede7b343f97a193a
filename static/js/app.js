// Comfort only: every link and form works without this file.
const root = document.documentElement;
const $ = (selector, from = document) => from.querySelector(selector);
const isTyping = (target) => target.closest("input, textarea, select, dialog, [contenteditable]");

// Theme: show it at once, let the server keep it.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "theme") return;
  event.preventDefault();
  if (button.value === "auto") delete root.dataset.theme;
  else root.dataset.theme = button.value;
  for (const each of document.querySelectorAll('button[name="theme"]')) each.setAttribute("aria-pressed", each.value === button.value);
  fetch(button.formAction, { method: "POST", body: new FormData(event.target, button), redirect: "manual" }).catch(() => {});
});

// A form is sent once: a second click while the first is on its way does nothing. htmx guards its own.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-again")) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// One menu open at a time; Escape and a click outside close it.
const closeMenus = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

// Keys: / goes to search, j and k walk the jobs, ? lists them, Escape closes a menu.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || root.hasAttribute("data-no-keys")) return;
  if (event.key === "/") {
    const search = $('main input[type="search"]');
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  } else if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll(".job__title a")];
    const at = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    links[Math.max(0, Math.min(links.length - 1, at))]?.focus();
  } else if (event.key === "?") {
    $('.site-foot a[href$="/keyboard/"]')?.click();
  }
});

// What went wrong is read first, after a page load and after a swap.
const focusErrors = (from) => $(".errors", from)?.focus();
focusErrors(document);
document.addEventListener("htmx:afterSettle", (event) => focusErrors(event.target));

// On a narrow screen the open tab may stand beyond the edge of its row.
document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
  const row = tab.closest(".tabs");
  row.scrollLeft = Math.max(0, tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2);
});

// A select that applies its form at once, such as a sort order.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-apply]")) event.target.form.requestSubmit();
});
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

// Rooms: what came in while the page is open, and how many wait to be read.
if ($("[data-unread]")) import("./room.js");

// A photo of which a part is chosen.
if ($("[data-crop]")) import("./crop.js");
