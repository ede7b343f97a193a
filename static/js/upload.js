// Sends forms with files so that one sees how far it is, can stop it, and loses nothing when the connection breaks. What is
// too large is named before anything is sent. Without this file the browser sends the same form by itself.
const language = document.documentElement.lang;
const place = (form) => form.querySelector("[data-upload]");
const inputs = (form) => [...form.querySelectorAll('[data-upload] input[type="file"]')];
const fill = (text, words) => text.replace(/\{(\w+)\}/g, (_all, name) => words[name] ?? "");

const size = (bytes, units) => {
  const names = units.split(",");
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), names.length - 1);
  const value = bytes / 1024 ** power;
  return `${value.toLocaleString(language, { maximumFractionDigits: power > 1 && value < 100 ? 1 : 0 })}\u00a0${names[power]}`;
};

// What is wrong with the files of one field, in words, or nothing.
const problem = (input) => {
  const { dataset } = input.closest("[data-upload]");
  const large = [...input.files].find((file) => file.size > dataset.most);
  if (large) return fill(dataset.tooLarge, { name: large.name, size: size(large.size, dataset.units) });
  if (input.files.length > dataset.mostFiles) return dataset.tooMany;
  return "";
};

const tell = (box, text, isBad) => {
  const line = box.querySelector("[data-upload-words]");
  line.textContent = text;
  line.className = isBad ? "error" : "sm muted";
  line.hidden = !text;
};

document.addEventListener("change", (event) => {
  if (!event.target.matches('[data-upload] input[type="file"]')) return;
  const said = problem(event.target);
  tell(event.target.closest("[data-upload]"), said, true);
  event.target.setAttribute("aria-invalid", said ? "true" : "false");
});

const begin = (box) => {
  const { dataset } = box;
  const bar = box.querySelector("progress");
  const stop = box.querySelector("[data-upload-stop]");
  box.querySelector("[data-upload-bar]").hidden = false;
  bar.removeAttribute("value");
  return {
    stop,
    move(event) {
      if (!event.lengthComputable || !event.total) return;
      bar.value = event.loaded / event.total;
      const words = { sent: size(event.loaded, dataset.units), total: size(event.total, dataset.units) };
      tell(box, event.loaded < event.total ? fill(dataset.sending, words) : dataset.checking, false);
    },
    end(text) {
      box.querySelector("[data-upload-bar]").hidden = true;
      tell(box, text, true);
    },
  };
};

// Show the page that came back, errors and all, where this one stands: the address stays.
const swap = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("#main");
  if (!main) return false;
  document.title = page.title;
  document.querySelector("#main").replaceWith(main);
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent("jalon:swapped"));
  scrollTo(0, 0);
  (main.querySelector(".errors") ?? main).focus();
  return true;
};

const send = (form, submitter) => {
  const box = inputs(form).find((input) => input.files.length).closest("[data-upload]");
  const { dataset } = box;
  const shown = begin(box);
  const request = new XMLHttpRequest();
  const again = (text) => {
    delete form.dataset.sent; // it may be sent once more: nothing of it has arrived
    shown.end(text);
  };
  shown.stop.onclick = () => request.abort();
  request.upload.addEventListener("progress", shown.move);
  request.addEventListener("error", () => again(dataset.broken));
  request.addEventListener("abort", () => again(dataset.stopped));
  request.addEventListener("load", () => {
    const next = request.getResponseHeader("X-Location");
    if (next) {
      const to = new URL(next, location.href);
      if (to.pathname + to.search === location.pathname + location.search) { history.replaceState(null, "", to); location.reload(); }
      else location.assign(to);
    } else if (request.status === 413) again(dataset.tooMuch);
    else if (request.status >= 500 || !swap(request.responseText)) again(dataset.failed);
  });
  request.open("POST", submitter?.getAttribute("formaction") ? submitter.formAction : form.action);
  request.setRequestHeader("X-Upload", "1");
  request.send(new FormData(form, submitter));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !place(form)) return;
  const wrong = inputs(form).find(problem);
  if (wrong) {
    event.preventDefault();
    delete form.dataset.sent;
    tell(wrong.closest("[data-upload]"), problem(wrong), true);
    wrong.focus();
  } else if (!form.hasAttribute("hx-post") && inputs(form).some((input) => input.files.length)) {
    event.preventDefault();
    send(form, event.submitter);
  }
});

// Forms that htmx sends: it does the sending, this shows how far it is.
const running = new WeakMap();
document.addEventListener("htmx:confirm", (event) => {
  const wrong = event.target.matches("form") && inputs(event.target).find(problem);
  if (!wrong) return;
  event.preventDefault();
  tell(wrong.closest("[data-upload]"), problem(wrong), true);
  wrong.focus();
});
document.addEventListener("htmx:beforeSend", (event) => {
  const form = event.target;
  const chosen = form.matches("form") && inputs(form).find((input) => input.files.length);
  if (!chosen) return;
  const box = chosen.closest("[data-upload]");
  const shown = begin(box);
  running.set(form, { box, shown });
  event.detail.xhr.upload.addEventListener("progress", shown.move);
  shown.stop.onclick = () => event.detail.xhr.abort();
});
const over = (name, text) => document.addEventListener(name, (event) => {
  const { box, shown } = running.get(event.target) ?? {};
  shown?.end(box.dataset[text]);
});
over("htmx:sendError", "broken");
over("htmx:sendAbort", "stopped");
over("htmx:responseError", "failed");
