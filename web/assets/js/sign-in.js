// The browser's part of signing in by passkey and of adding one. Everything else works without scripts.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const withBytes = (list) => (list ?? []).map((item) => ({ ...item, id: toBytes(item.id) }));

/** What the server asks for, with bytes where it writes text. */
function decoded({ publicKey }) {
  const options = { ...publicKey, challenge: toBytes(publicKey.challenge) };
  if (publicKey.user) options.user = { ...publicKey.user, id: toBytes(publicKey.user.id) };
  if (publicKey.allowCredentials) options.allowCredentials = withBytes(publicKey.allowCredentials);
  if (publicKey.excludeCredentials) options.excludeCredentials = withBytes(publicKey.excludeCredentials);
  return options;
}

/** What the device answered, with text where it has bytes. */
function encoded(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const answer = {};
  for (const part of parts) if (response[part]) answer[part] = toText(response[part]);
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: answer,
    clientExtensionResults: {},
  });
}

async function askFor(form) {
  const body = new URLSearchParams(new FormData(form));
  body.delete("credential");
  const answer = await fetch(form.dataset.options, { method: "POST", body, credentials: "same-origin" });
  if (answer.ok) return decoded(await answer.json());
  if (answer.status === 429) throw new Refused(form.dataset.often);
  // The proof, the session or the form has grown old: the page, opened anew, leads to what is missing.
  const { page } = await answer.json().catch(() => ({}));
  location.assign(page ?? location.href);
  throw new Refused("");
}

/** Why the server asked for nothing, in words. */
class Refused extends Error {}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const message = form.querySelector("[data-message]");
  const button = form.querySelector("button[type=submit]");
  const say = (text) => {
    message.textContent = text;
    message.hidden = !text;
  };
  if (!window.PublicKeyCredential) say(form.dataset.unknown);

  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    if (!window.PublicKeyCredential) return;
    say("");
    button.disabled = true;
    try {
      const publicKey = await askFor(form);
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
      form.elements.credential.value = encoded(credential);
      form.submit();
    } catch (error) {
      // Given up, timed out, or no device of the person's knows a passkey: the browser has said which.
      say(error instanceof Refused ? error.message : form.dataset.failed);
      button.disabled = false;
      button.focus();
    }
  });
}
