// A window on any page while a call rings for its reader: answer in a new tab, decline, or silence it here with Escape.
const silenced = new Set(); // calls that rang here and need not again
let shown = null;
let isAsking = false;

export const hear = async ({ action, call }) => {
  if (action === "changed") {
    if (shown?.dataset.call === String(call)) shown.close();
    return;
  }
  if (action !== "ring" || shown || isAsking || silenced.has(call) || document.querySelector(`#call[data-call="${call}"]`)) return;
  isAsking = true;
  try {
    const { lang } = document.documentElement;
    const answer = await fetch(`${lang === "en" ? "" : `/${lang}`}/calls/${call}/ring/`);
    if (answer.ok) show(call, new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("dialog"));
  } catch { /* the server is away: the next connection asks again */ } finally {
    isAsking = false;
  }
};

const show = (call, dialog) => {
  if (!dialog) return;
  shown = document.importNode(dialog, true);
  document.body.append(shown);
  window.jalonLive.send({ kind: "call", action: "heard", call });
  const title = document.title;
  document.title = shown.querySelector("h2").textContent;
  const silence = ring();
  shown.addEventListener("close", () => {
    silenced.add(call);
    silence();
    document.title = title;
    shown.remove();
    shown = null;
  });
  shown.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-decline]")) {
      event.preventDefault();
      fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {});
    }
    setTimeout(() => shown?.close()); // once the form is on its way
  });
  shown.showModal();
};

// Two soft tones, in one tab only, and only where the reader has used the page: browsers silence the others anyway.
const ring = () => {
  if (!navigator.userActivation?.hasBeenActive || !navigator.locks) return () => {};
  let isOver = false;
  let stop = () => { isOver = true; };
  navigator.locks.request("jalon-ring", { ifAvailable: true }, (lock) => {
    if (!lock || isOver) return undefined;
    const context = new AudioContext();
    const volume = context.createGain();
    volume.gain.value = 0.05;
    volume.connect(context.destination);
    const tone = (pitch, from) => {
      const source = context.createOscillator();
      source.frequency.value = pitch;
      source.connect(volume);
      source.start(context.currentTime + from);
      source.stop(context.currentTime + from + 0.35);
    };
    const both = () => { tone(523, 0); tone(659, 0.45); };
    both();
    const timer = setInterval(both, 2500);
    return new Promise((done) => {
      stop = () => { clearInterval(timer); context.close(); done(); };
    });
  });
  return () => stop();
};
