"""A stand-in for Stripe's script: the calls that the product makes of it, with real frames of another origin.

It has fields for a card in one frame and the page of a bank in another, and plays both at the local Stripe. What the
real script looks like inside is not imitated; that only it may be loaded, framed and called is what is tested.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.stripe_server import StripeServer
from tests.stripe_server.errors import StripeRefusal

SCRIPT = """
window.Stripe = (key, options) => {
  const base = new URL(document.querySelector('script[src$="/stripe.js"]').src).origin;
  const frame = (name, place) => {
    const it = document.createElement("iframe");
    it.title = name;
    it.src = `${base}/${name}?${new URLSearchParams(options)}`;
    place.append(it);
    return it;
  };
  const ask = (it, question) => new Promise((resolve) => {
    const hear = ({ source, data }) => { if (source === it.contentWindow) resolve(data); };
    addEventListener("message", hear, { once: true });
    it.contentWindow.postMessage(question, base);
  });
  const answer = async (question) => {
    const it = frame("bank", document.querySelector("main"));
    await new Promise((resolve) => it.addEventListener("load", resolve));
    const said = await ask(it, question);
    it.remove();
    return said;
  };
  let fields;
  return {
    elements: ({ clientSecret }) => ({
      clientSecret,
      create: () => ({ on() {}, mount(place) { fields = frame("fields", place); } }),
    }),
    confirmSetup: ({ elements }) => ask(fields, { clientSecret: elements.clientSecret }),
    handleNextAction: ({ clientSecret }) => answer({ clientSecret }),
    confirmCardPayment: (clientSecret, { payment_method }) => answer({ clientSecret, payment_method }),
  };
};
"""
PLAY = """
const play = async (name, given) => {
  const answer = await fetch(`/play/${name}`, { method: "POST", body: JSON.stringify(given) });
  return answer.json();
};
const tell = (said) => parent.postMessage(said, "*");
"""
FIELDS = f"""<!doctype html><html lang="en"><title>Card</title><label>Number <input name="number"></label><script>{PLAY}
addEventListener("message", async ({{ data }}) => {{
  const card = await play("collect_card", {{ number: document.querySelector("input").value }});
  if (card.error) return tell({{ error: card.error }});
  const said = await play("confirm", {{ client_secret: data.clientSecret, payment_method: card.id }});
  tell(said.error ? {{ error: said.error }} : {{ setupIntent: said.setup_intent }});
}});</script></html>"""
BANK = f"""<!doctype html><html lang="en"><title>Bank</title>
<button id="yes">It is me</button><button id="no">It is not me</button><script>{PLAY}
let asked;
addEventListener("message", async ({{ data }}) => {{
  asked = data.clientSecret;
  if (data.payment_method) await play("confirm", {{ client_secret: asked, payment_method: data.payment_method }});
  document.body.dataset.ready = "1";
}});
for (const button of document.querySelectorAll("button")) button.addEventListener("click", async () => {{
  const succeeds = button.id === "yes";
  const said = await play("authenticate", {{ intent: asked, succeeds }});
  tell(succeeds ? {{ paymentIntent: said }} : {{ error: {{ message: "You could not be authenticated." }} }});
}});</script></html>"""
PAGES = {"/stripe.js": ("text/javascript", SCRIPT), "/fields": ("text/html", FIELDS), "/bank": ("text/html", BANK)}


class StripeScript:
    """Serves the stand-in from an origin of its own; a context manager."""

    def __init__(self, server: StripeServer) -> None:
        handler = type("Handler", (_Handler,), {"play": server.play})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.origin = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.url = f"{self.origin}/stripe.js"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    play: Any

    def do_GET(self) -> None:
        pages = {
            "/stripe.js": ("text/javascript", SCRIPT),
            "/fields": ("text/html", FIELDS),
            "/bank": ("text/html", BANK),
        }
        kind, text = pages.get(self.path.partition("?")[0], ("text/html", ""))
        self.send(kind, text.encode())

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            answer = getattr(self.play, self.path.removeprefix("/play/"))(**given)
        except StripeRefusal as refusal:
            answer = refusal.body()
        self.send("application/json", json.dumps(answer).encode())

    def send(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cross-Origin-Resource-Policy", "cross-origin")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name is http.server's)
        """Say nothing."""
