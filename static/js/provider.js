// The payment provider's own frames: its card fields, and the page of the payer's bank. What is typed there goes straight
// to the provider; afterwards the form is sent without it, and the server asks the provider what came of it.
const form = document.querySelector("form[data-provider-key]");
const { providerKey, secret, step, method, returnUrl, unloaded } = form.dataset;
const problem = form.querySelector("[data-problem]");
const button = form.querySelector("button");

const say = (text) => {
  problem.className = "error";
  problem.textContent = text;
  problem.hidden = false;
};

const start = () => {
  const provider = window.Stripe(providerKey, { locale: document.documentElement.lang });
  if (step !== "setup") {
    return step === "pay"
      ? () => provider.confirmCardPayment(secret, { payment_method: method }) // declined while the payer was away
      : () => provider.handleNextAction({ clientSecret: secret });
  }
  const elements = provider.elements({ clientSecret: secret });
  const fields = elements.create("payment", { wallets: { applePay: "never", googlePay: "never" } });
  fields.on("loaderror", () => say(unloaded));
  fields.mount(form.querySelector("[data-fields]"));
  return () => provider.confirmSetup({ elements, confirmParams: { return_url: returnUrl }, redirect: "if_required" });
};

const finish = window.Stripe ? start() : null;
if (!finish) {
  say(unloaded);
  button.disabled = true;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!finish || button.disabled) return;
  button.disabled = true;
  problem.hidden = true;
  const { error } = await finish();
  if (error && step === "setup") {
    say(error.message); // in the payer's language, about a field that they see
    button.disabled = false;
  } else form.submit(); // also after an error of the bank: the page of the payment says what it means
});
addEventListener("pageshow", () => { if (finish) button.disabled = false; });
