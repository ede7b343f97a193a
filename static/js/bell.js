// The bell: shows the newest notices below it, and hears over the page's socket how many are unread. Without this file it is
// a link to the list of notices.
const bell = document.querySelector("[data-bell]");
const link = bell.querySelector("a");
const list = bell.querySelector("#bell-list");
const label = link.querySelector(".sr");
const said = bell.querySelector('[role="status"]');
const fetchList = () => window.htmx.ajax("GET", bell.dataset.bell, { target: list });

const show = (unread, isNew) => {
  link.classList.toggle("has-dot", unread > 0);
  label.textContent = unread ? bell.dataset.some : bell.dataset.none;
  if (isNew) said.textContent = bell.dataset.news.replace("{count}", unread.toLocaleString(document.documentElement.lang));
};

const close = () => {
  list.hidden = true;
  link.setAttribute("aria-expanded", "false");
};

link.setAttribute("aria-expanded", "false");
link.setAttribute("aria-controls", list.id);
link.addEventListener("click", async (event) => {
  if (!window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (!list.hidden) { close(); return; }
  await fetchList().catch(() => {});
  if (!list.querySelector("[data-unread]")) { location.assign(link.href); return; } // it did not come
  list.hidden = false;
  link.setAttribute("aria-expanded", "true");
});
link.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" && !list.hidden) { event.preventDefault(); list.querySelector("a, button")?.focus(); }
});
document.addEventListener("click", (event) => { if (!bell.contains(event.target)) close(); });
document.addEventListener("keydown", (event) => { // not only the bell's: what had the focus may have been swapped away
  if (event.key !== "Escape" || list.hidden) return;
  close();
  link.focus();
});
list.addEventListener("htmx:afterSwap", () => {
  show(Number(list.querySelector("[data-unread]")?.dataset.unread ?? 0), false);
});

document.addEventListener("jalon:live", (event) => {
  if (event.detail.kind !== "notices") return;
  show(event.detail.unread, event.detail.is_new);
  if (!list.hidden) fetchList();
});
// What came while there was no connection.
document.addEventListener("jalon:live-open", (event) => { if (event.detail.again && window.htmx) fetchList(); });
