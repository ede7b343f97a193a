// The page of a call. First the devices, then the call is started or joined, then two browsers talk to each other:
// the caller's page makes the offers, the other one answers, and what they say about it goes through the page's socket.
// How the call stands (rings, answered, ended, why) is always the server's word, asked for by POST to …/alive/.
const root = document.querySelector("#call");
const $ = (id) => document.getElementById(`call-${id}`);
const word = (name) => root.querySelector(`[data-word="${name}"]`).textContent;

const hasVideo = root?.dataset.kind === "video";
const tab = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const BEAT = 10_000; // how often the server hears that this page is there
const DOUBT = 4_000; // a connection that is away for so long is tried anew
const LAST_TRY = 20_000; // and given up after that

let call = Number(root?.dataset.call) || 0;
let isCaller = false;
let servers = [];
let stream = null; // what this page sends
let peer = null; // the connection
let peerTab = ""; // the page it leads to
let session = ""; // changes with each new connection
let isJoined = false;
let isOver = false;
let hasTriedAgain = false;
let talkedSince = 0;
let beat = 0;
let doubt = 0;
let outbox = []; // addresses that wait to be sent together
let early = []; // addresses of the other side that came before its description
let turn = Promise.resolve(); // signals are taken one after the other

const say = (text) => { if ($("status").textContent !== text) $("status").textContent = text; };
const show = (id, isShown) => { const part = $(id); if (part) part.hidden = !isShown; };
const prefix = () => (document.documentElement.lang === "en" ? "" : `/${document.documentElement.lang}`);
const at = (what) => `${prefix()}/calls/${call}/${what}/`;
const token = () => root.querySelector('[name="csrfmiddlewaretoken"]').value;
const post = (url, fields = {}) => {
  const body = new URLSearchParams({ csrfmiddlewaretoken: token(), ...fields });
  return fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
};
const signal = (content) => window.jalonLive?.send({ kind: "call", action: "signal", call, tab, session, ...content });

// Devices

const problem = (text) => {
  $("problem").querySelector("p").textContent = text || "";
  show("problem", Boolean(text));
};

const wanted = (kind) => {
  const chosen = $(kind)?.value;
  return chosen ? { deviceId: { exact: chosen } } : true;
};

const stopAll = () => stream?.getTracks().forEach((track) => track.stop());

const openDevices = async () => {
  problem("");
  if (!navigator.mediaDevices?.getUserMedia || !window.RTCPeerConnection) return problem(word("insecure"));
  const before = $("here").srcObject;
  try {
    const fresh = await take();
    stopAll();
    stream = fresh;
  } catch (error) {
    $("here").srcObject = before;
    show("open", !stream);
    problem(word({ NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing" }[error.name] || "in_use"));
    return undefined;
  }
  $("here").srcObject = stream;
  const hasPicture = stream.getVideoTracks().length > 0;
  $("here-note").textContent = hasVideo && !hasPicture ? word("no_camera") : "";
  show("own", hasVideo);
  show("setup", true);
  show("open", false);
  await listDevices();
  showLevel();
  if (!isJoined) {
    say(word(hasVideo && hasPicture ? "ready" : "ready_voice"));
    offerToBegin();
  }
  return undefined;
};

// A camera that is missing or busy keeps nobody from talking; a microphone does.
const take = async () => {
  const audio = wanted("mic");
  if (!hasVideo) return navigator.mediaDevices.getUserMedia({ audio });
  try {
    return await navigator.mediaDevices.getUserMedia({ audio, video: wanted("camera") });
  } catch (error) {
    if (error.name === "NotAllowedError" || error.name === "SecurityError") throw error;
    return navigator.mediaDevices.getUserMedia({ audio });
  }
};

const listDevices = async () => {
  const found = await navigator.mediaDevices.enumerateDevices();
  for (const [id, kind, name] of [["mic", "audioinput", "mic_name"], ["camera", "videoinput", "camera_name"]]) {
    const list = $(id);
    if (!list) continue;
    const used = stream.getTracks().find((track) => kind.startsWith(track.kind))?.getSettings().deviceId;
    const options = found.filter((device) => device.kind === kind && device.deviceId);
    list.replaceChildren(...options.map((device, index) =>
      new Option(device.label || `${word(name)} ${index + 1}`, device.deviceId, false, device.deviceId === used)));
    list.parentElement.hidden = options.length === 0;
  }
};

// A page may make sound, and measure it, once its reader has used it.
let context = null;
let meter = 0;
const showLevel = () => {
  clearInterval(meter);
  if (!stream || !navigator.userActivation?.hasBeenActive) return;
  context ||= new AudioContext();
  const ear = context.createAnalyser();
  const source = context.createMediaStreamSource(stream);
  source.connect(ear);
  const wave = new Uint8Array(ear.fftSize);
  meter = setInterval(() => {
    if ($("setup").hidden) return;
    ear.getByteTimeDomainData(wave);
    $("level").value = Math.min(1, wave.reduce((most, each) => Math.max(most, Math.abs(each - 128)), 0) / 64);
  }, 100);
};

const offerToBegin = () => {
  const start = $("start")?.querySelector("button");
  const button = call ? $("join") : start;
  if (!button || isJoined || isOver) return;
  button.hidden = false;
};

// The call

const begin = async (event) => {
  event.preventDefault();
  const button = event.submitter || $("start").querySelector("button");
  button.disabled = true;
  try {
    const answer = await post($("start").action, { kind: root.dataset.kind });
    const state = await answer.json();
    if (!answer.ok) {
      problem(state.error || word("unsent"));
      return;
    }
    button.hidden = true;
    call = state.call;
    root.dataset.call = call;
    $("end").action = at("end");
    history.replaceState(null, "", state.page);
    await join(state);
  } catch {
    problem(word("unsent"));
  } finally {
    button.disabled = false;
  }
};

const join = async (known) => {
  problem("");
  let state = known;
  if (!state) {
    $("join").disabled = true;
    state = await ask();
    $("join").disabled = false;
    if (!state) return problem(word("unsent"));
  }
  isJoined = true;
  show("join", false);
  show("end", true);
  holdTab();
  beat ||= setInterval(ask, BEAT);
  say(word(isCaller ? "calling" : "waiting"));
  takeState(state);
  if (!isOver) {
    $("end").querySelector("button").focus();
    if (state.status === "connected") signal({ ready: true });
  }
  return undefined;
};

// The same person's newest tab has the call; the one before lets go without ending it.
const holdTab = () => {
  navigator.locks?.request(`jalon-call-${call}`, { steal: true }, () => new Promise(() => {})).catch(() => {
    if (isOver) return;
    leave();
    say(word("moved"));
  });
};

const ask = async () => {
  try {
    const answer = await post(at("alive"));
    if (!answer.ok) return null;
    const state = await answer.json();
    takeState(state);
    return state;
  } catch {
    return null; // the next one may get through
  }
};

const takeState = (state) => {
  if (isOver) return;
  isCaller = state.caller;
  if (state.servers.length || !servers.length) servers = state.servers;
  if (state.status === "ringing") {
    if (isJoined) say(state.said);
  } else if (state.status === "connected") {
    if (isJoined && !peer) say(word(isCaller ? "connecting" : "waiting"));
  } else {
    leave();
    say(state.said);
  }
};

// Ends what this page does in the call; whether the call ends is the server's word.
const leave = () => {
  isOver = true;
  isJoined = false;
  clearInterval(beat);
  clearInterval(meter);
  clearTimeout(doubt);
  peer?.close();
  peer = null;
  stopAll();
  context?.close();
  context = null;
  $("there").srcObject = $("here").srcObject = null;
  for (const each of ["remote", "own", "setup", "controls", "join", "open", "end"]) show(each, false);
  if ($("start")) $("start").hidden = true;
  show("after", true);
  $("status").focus();
};

const hangUp = async (why = "hung_up") => {
  const url = at("end");
  leave();
  if (why === "lost") say(word("lost"));
  try {
    const answer = await post(url, { why });
    const state = await answer.json();
    say(why === "lost" ? word("lost") : state.said);
  } catch {
    say(word("unsent"));
  }
};

// The connection

const isRelayOnly = () => root.hasAttribute("data-relay-only") || Boolean($("relay")?.checked);

const connect = () => {
  peer?.close();
  clearTimeout(doubt);
  outbox = [];
  early = [];
  const mine = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: isRelayOnly() ? "relay" : "all" });
  peer = mine;
  const there = new MediaStream();
  mine.addEventListener("track", ({ track }) => {
    there.addTrack(track);
    $("there").srcObject = there;
    $("there").play().catch(() => {});
  });
  mine.addEventListener("icecandidate", ({ candidate }) => {
    if (!candidate || mine !== peer) return;
    if (!outbox.length) setTimeout(() => { if (mine === peer) sendAddresses(); }, 100);
    outbox.push(candidate.toJSON());
  });
  mine.addEventListener("connectionstatechange", () => { if (mine === peer) watch(); });
};

const sendAddresses = () => {
  while (outbox.length) signal({ to: peerTab, candidates: outbox.splice(0, 20) });
};

// Puts what this page has onto the lines of the connection; a line without a picture stays open for one.
const attach = async () => {
  for (const line of peer.getTransceivers()) {
    const track = stream.getTracks().find((each) => each.kind === line.receiver.track.kind && each.readyState === "live");
    line.direction = "sendrecv";
    await line.sender.replaceTrack(track || null);
  }
};

const offer = async (options = {}) => {
  await peer.setLocalDescription(await peer.createOffer(options));
  signal({ to: peerTab, description: { type: "offer", sdp: peer.localDescription.sdp } });
};

const takeSignal = async (hint) => {
  if (!isJoined || hint.call !== call || (hint.to && hint.to !== tab)) return;
  if (hint.ready) {
    if (!isCaller) {
      signal({ ready: true });
      return;
    }
    peerTab = hint.tab;
    session = Math.random().toString(36).slice(2);
    connect();
    for (const kind of hasVideo ? ["audio", "video"] : ["audio"]) peer.addTransceiver(kind, { direction: "sendrecv" });
    await attach();
    await offer();
    return;
  }
  if (hint.description?.type === "offer" && !isCaller) {
    if (hint.session !== session || !peer) {
      session = hint.session;
      peerTab = hint.tab;
      connect();
    }
    await peer.setRemoteDescription(hint.description);
    await attach();
    await peer.setLocalDescription(await peer.createAnswer());
    signal({ to: peerTab, description: { type: "answer", sdp: peer.localDescription.sdp } });
    await takeAddresses();
  } else if (hint.session !== session || !peer) {
    return; // about a connection that is no more
  } else if (hint.description?.type === "answer" && isCaller) {
    await peer.setRemoteDescription(hint.description);
    await takeAddresses();
  }
  if (hint.candidates) {
    early.push(...hint.candidates);
    await takeAddresses();
  }
  if (hint.restart && isCaller) await tryAgain();
  if (hint.state) showTheirState(hint.state);
};

const takeAddresses = async () => {
  if (!peer.remoteDescription) return;
  for (const each of early.splice(0)) await peer.addIceCandidate(each).catch(() => {}); // one address less
};

const watch = () => {
  root.dataset.connection = peer.connectionState;
  if (peer.connectionState === "connected") {
    clearTimeout(doubt);
    doubt = 0;
    hasTriedAgain = false;
    say(word("talking"));
    talkedSince ||= Date.now();
    show("remote", true);
    show("controls", true);
    show("setup", false);
    tellState();
  } else if (peer.connectionState === "failed") {
    restart();
  } else if (peer.connectionState === "disconnected" && !doubt) {
    doubt = setTimeout(restart, DOUBT);
  }
};

// A lost connection is built anew once, over whatever ways there are now; then the call ends.
const restart = () => {
  clearTimeout(doubt);
  if (!isJoined || !peer) return;
  if (hasTriedAgain) {
    hangUp("lost");
    return;
  }
  say(word("again"));
  if (isCaller) turn = turn.then(tryAgain).catch(() => {});
  else {
    hasTriedAgain = true;
    signal({ to: peerTab, restart: true });
  }
  doubt = setTimeout(restart, LAST_TRY);
};

const tryAgain = async () => {
  if (hasTriedAgain || !peer) return;
  hasTriedAgain = true;
  await ask(); // passwords of the relay may have run out
  if (!peer) return;
  peer.setConfiguration({ iceServers: servers, iceTransportPolicy: isRelayOnly() ? "relay" : "all" });
  await offer({ iceRestart: true });
};

// What is on and off

const tracks = (kind) => stream?.getTracks().filter((track) => track.kind === kind && track.readyState === "live") || [];
const isMuted = () => $("mute").getAttribute("aria-pressed") === "true";
const isDark = () => tracks("video").length === 0;

const tellState = () => signal({ to: peerTab, state: { muted: isMuted(), camera: !isDark() } });

const showTheirState = ({ muted, camera }) => {
  const words = [muted ? word("their_mute") : "", hasVideo && !camera ? word("their_dark") : ""];
  $("there-note").textContent = words.filter(Boolean).join(". ");
};

const mute = () => {
  const muted = !isMuted();
  tracks("audio").forEach((track) => { track.enabled = !muted; });
  $("mute").setAttribute("aria-pressed", muted);
  say(word(muted ? "muted" : "unmuted"));
  tellState();
};

// The camera's own light goes out, too: its track is ended, and taken anew.
const darken = async () => {
  const button = $("dark");
  const line = peer?.getTransceivers().find((each) => each.receiver.track.kind === "video");
  button.disabled = true;
  try {
    if (isDark()) {
      const fresh = await navigator.mediaDevices.getUserMedia({ video: wanted("camera") });
      stream.getVideoTracks().forEach((track) => stream.removeTrack(track));
      fresh.getVideoTracks().forEach((track) => stream.addTrack(track));
    } else {
      tracks("video").forEach((track) => track.stop());
    }
    await line?.sender.replaceTrack(tracks("video")[0] || null);
    problem("");
  } catch (error) {
    problem(word(error.name === "NotAllowedError" ? "denied" : "in_use"));
  } finally {
    button.disabled = false;
  }
  button.setAttribute("aria-pressed", isDark());
  $("here-note").textContent = isDark() ? word("dark") : "";
  say(word(isDark() ? "dark" : "light"));
  tellState();
};

// Beginning

const isGranted = async (name) => {
  try {
    return (await navigator.permissions.query({ name })).state === "granted";
  } catch {
    return false; // a browser that does not say
  }
};

const prepare = async () => {
  $("open").addEventListener("click", openDevices);
  $("retry").addEventListener("click", openDevices);
  $("join").addEventListener("click", () => join());
  $("start")?.addEventListener("submit", begin);
  $("end").addEventListener("submit", (event) => {
    event.preventDefault();
    if (call) hangUp();
  });
  $("mute").addEventListener("click", mute);
  $("dark")?.addEventListener("click", darken);
  for (const id of ["mic", "camera"]) $(id)?.addEventListener("change", openDevices);
  addEventListener("pointerdown", showLevel, { once: true });
  addEventListener("keydown", showLevel, { once: true });
  const relay = $("relay");
  if (relay) {
    relay.checked = localStorage.getItem("call-relay") === "1";
    relay.addEventListener("change", () => localStorage.setItem("call-relay", relay.checked ? "1" : "0"));
  }
  document.addEventListener("jalon:live", ({ detail }) => {
    if (detail.kind !== "call" || detail.call !== call) return;
    if (detail.action === "changed" && isJoined) ask();
    if (detail.action === "signal") turn = turn.then(() => takeSignal(detail)).catch((error) => console.info("call", error.name));
  });
  document.addEventListener("jalon:live-open", () => {
    if (!isJoined) return;
    ask();
    if (peer?.connectionState !== "connected") signal({ ready: true });
  });
  setInterval(() => {
    if (!talkedSince || isOver) return;
    const seconds = Math.floor((Date.now() - talkedSince) / 1000);
    $("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }, 1000);
  // Whoever closes the page has left; the other side need not wait until it is missed.
  addEventListener("pagehide", () => {
    if (isJoined) navigator.sendBeacon(at("end"), new URLSearchParams({ csrfmiddlewaretoken: token() }));
  });
  if (call) beat = setInterval(ask, BEAT); // whoever looks at their devices is there
  const isReady = await isGranted("microphone") && (!hasVideo || await isGranted("camera"));
  if (isReady) openDevices();
  else show("open", true);
};

if (root) prepare();
