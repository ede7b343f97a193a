// Passkeys: asks the device for one and sends its answer with the form. Forms that need one are hidden without this file.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = (credentials = []) => credentials.map((each) => ({ ...each, id: bytes(each.id) }));

const create = async ({ publicKey }) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: listed(publicKey.excludeCredentials),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    },
  });
  return answer(made, ["clientDataJSON", "attestationObject"]);
};

const get = async ({ publicKey }) => {
  const used = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: listed(publicKey.allowCredentials),
    },
  });
  return answer(used, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
};

const answer = (credential, parts) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  response: Object.fromEntries(
    parts.filter((part) => credential.response[part]).map((part) => [part, text(credential.response[part])]),
  ),
  clientExtensionResults: credential.getClientExtensionResults(),
});

const fetched = async (address) => {
  const answered = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answered.ok) throw new Error(String(answered.status));
  return (await answered.json()).request_options;
};

const act = {
  create: (form) => create(written(form).creation_options),
  get: (form) => get(written(form).request_options),
  fetch: async (form) => get(await fetched(form.action)),
};
const written = (form) => JSON.parse(form.querySelector("script[type='application/json']").textContent);

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.dataset.again = ""; // may be pressed again after the device was put away
  form.hidden = false;
  const button = form.querySelector("button");
  const problem = form.querySelector("[data-problem]");
  const fail = () => {
    problem.className = "error";
    problem.hidden = false;
    button.disabled = !window.PublicKeyCredential;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    problem.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await act[form.dataset.passkey](form));
      form.submit();
    } catch {
      fail();
    }
  });
  addEventListener("pageshow", (event) => { if (event.persisted) button.disabled = false; });
}
