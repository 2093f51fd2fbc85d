// Making and showing passkeys: the form gets what the browser answers and is sent like any other.
// webauthn-json, which comes with django-allauth, turns JSON into what browsers want, also in old ones.

interface WebauthnJson {
  create(options: unknown): Promise<unknown>;
  get(options: unknown): Promise<unknown>;
}

declare global {
  interface Window {
    webauthnJSON?: WebauthnJson;
  }
}

async function optionsFor(form: HTMLFormElement): Promise<unknown> {
  const address = form.dataset.optionsUrl;
  if (!address) return JSON.parse(document.getElementById("passkey-options")?.textContent ?? "");
  const answer = await fetch(address, {headers: {Accept: "application/json"}, credentials: "same-origin"});
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function say(form: HTMLFormElement, error: unknown): void {
  const note = form.querySelector<HTMLElement>("[data-passkey-failed]");
  if (!note) return;
  const name = error instanceof DOMException ? error.name : "";
  const texts = note.dataset;
  const known = name === "InvalidStateError" ? texts.textKnown : "";
  note.textContent = known || (name === "NotAllowedError" ? texts.textStopped : texts.textOther) || "";
  note.hidden = false;
}

async function ask(form: HTMLFormElement, library: WebauthnJson): Promise<void> {
  const options = await optionsFor(form);
  const answer = await (form.dataset.passkey === "make" ? library.create(options) : library.get(options));
  const field = form.elements.namedItem("credential");
  if (field instanceof HTMLInputElement) field.value = JSON.stringify(answer);
  form.submit();
}

function prepare(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("[data-passkey-button]");
  const library = window.webauthnJSON;
  if (!button || !library || !window.PublicKeyCredential) return;
  form.hidden = button.hidden = false;
  form.querySelector("[data-passkey-none]")?.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation(); // it is sent once the browser has answered, not as busy before
    button.disabled = true;
    ask(form, library)
      .catch((error: unknown) => say(form, error))
      .then(() => { button.disabled = false; });
  });
}

document.querySelectorAll<HTMLFormElement>("form[data-passkey]").forEach(prepare);

export {};
