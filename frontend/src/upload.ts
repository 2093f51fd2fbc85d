// Choosing or dropping a file is uploading it. Without this script the control is a plain file input of its form.

interface Stored {
  file: string;
  name: string;
  size_text: string;
  type_text: string;
  state: string;
  receipt_url?: string;
  preview_html?: string;
}

interface Refusal {
  title?: string;
  detail?: string;
  remedy?: string;
}

interface Control {
  root: HTMLElement;
  input: HTMLInputElement;
  value: HTMLInputElement;
  sending: XMLHttpRequest | null;
}

const KB = 1024;
const CREATED = 201;
const STEP_PERCENT = 25;

function part<T extends HTMLElement = HTMLElement>(control: Control, name: string): T {
  const found = control.root.querySelector<T>(`[data-upload-${name}]`);
  if (!found) throw new Error(`the upload control lacks ${name}`);
  return found;
}

function say(control: Control, key: string, values: Record<string, string> = {}): string {
  const texts = control.root.querySelector<HTMLTemplateElement>("template[data-upload-texts]");
  const text = texts?.content.querySelector(`[data-text="${key}"]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function sizeText(control: Control, size: number): string {
  const exact = say(control, "bytes", {n: size.toLocaleString("en-US")});
  if (size < KB) return exact;
  const [unit, name] = size < KB * KB ? [KB, "KB"] : [KB * KB, "MB"];
  return `${(size / (unit as number)).toFixed(1).replace(/\.0$/, "")} ${name}（${exact}）`;
}

function showError(control: Control, text: string): void {
  part(control, "error").hidden = text === "";
  part(control, "error-text").textContent = text;
  if (text) control.input.setAttribute("aria-invalid", "true");
  else control.input.removeAttribute("aria-invalid");
  const pick = part(control, "pick");
  if (text) pick.setAttribute("aria-describedby", part(control, "error").id);
  else pick.removeAttribute("aria-describedby");
}

function announce(control: Control, text: string): void {
  part(control, "state").textContent = text;
}

function fits(file: File, accept: string): boolean {
  const kinds = accept.split(",").map((kind) => kind.trim().toLowerCase()).filter(Boolean);
  const name = file.name.toLowerCase();
  return kinds.length === 0 || kinds.some((kind) =>
    kind.startsWith(".") ? name.endsWith(kind) : kind.endsWith("/*") ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind);
}

function objection(control: Control, file: File): string {
  const {limitBytes, accept, types} = control.root.dataset;
  const limit = Number(limitBytes);
  if (!fits(file, accept ?? "")) return say(control, "kind", {name: file.name, types: types ?? ""});
  if (file.size === 0) return say(control, "empty");
  if (limit > 0 && file.size > limit) {
    return say(control, "large", {name: file.name, size: sizeText(control, file.size), limit: sizeText(control, limit)});
  }
  return "";
}

function csrfToken(control: Control): string {
  const field = control.root.closest("form")?.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]");
  if (field) return field.value;
  const headers = document.body.getAttribute("hx-headers:inherited") ?? "{}";
  return (JSON.parse(headers) as Record<string, string>)["X-CSRFToken"] ?? "";
}

function setValue(control: Control, value: string): void {
  control.value.value = value;
  control.value.dispatchEvent(new Event("input", {bubbles: true}));
}

function showStored(control: Control, stored: Stored): void {
  setValue(control, stored.file);
  part(control, "file").hidden = false;
  part(control, "name").textContent = stored.name;
  part(control, "facts").textContent = [stored.type_text, stored.size_text, stored.state].filter(Boolean).join("・");
  const receipt = part<HTMLAnchorElement>(control, "receipt");
  receipt.hidden = !stored.receipt_url;
  if (stored.receipt_url) receipt.href = stored.receipt_url;
  part(control, "preview").innerHTML = stored.preview_html ?? "";
  showButtons(control);
  announce(control, say(control, "done", {name: stored.name}));
}

function showButtons(control: Control): void {
  const kept = control.value.value !== "";
  part(control, "remove").hidden = !kept;
  const text = part(control, "pick-text");
  text.dataset.textFirst ??= kept ? (text.dataset.textChoose ?? "") : (text.textContent ?? "");
  text.textContent = (kept ? text.dataset.textReplace : text.dataset.textFirst) ?? "";
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

function reason(refusal: Refusal | null): string {
  return refusal ? `${refusal.detail ?? refusal.title ?? ""}${refusal.remedy ?? ""}` : "";
}

function setSending(control: Control, request: XMLHttpRequest | null): void {
  control.sending = request;
  control.root.toggleAttribute("data-sending", request !== null);
  part(control, "progress").hidden = request === null;
  part<HTMLButtonElement>(control, "pick").disabled = request !== null;
}

function finish(control: Control, request: XMLHttpRequest): void {
  setSending(control, null);
  const stored = request.status === CREATED ? parsed<Stored>(request.responseText) : null;
  if (stored) {
    showStored(control, stored);
    return;
  }
  announce(control, "");
  const refusal = parsed<Refusal>(request.responseText);
  showError(control, reason(refusal) || say(control, "refused", {status: String(request.status)}));
}

function send(control: Control, file: File): void {
  const body = new FormData();
  body.append("role", control.root.dataset.role ?? "");
  body.append("file", file, file.name);
  const request = new XMLHttpRequest();
  const bar = part(control, "progress").querySelector("progress");
  let said = -1;
  request.upload.addEventListener("progress", (event) => {
    const percent = event.total ? Math.floor((event.loaded / event.total) * 100) : 0;
    if (bar) bar.value = percent;
    const step = Math.floor(percent / STEP_PERCENT) * STEP_PERCENT;
    if (step > said) announce(control, say(control, "sending", {n: String(step)}));
    said = Math.max(said, step);
  });
  request.addEventListener("load", () => finish(control, request));
  request.addEventListener("error", () => {
    setSending(control, null);
    announce(control, "");
    showError(control, say(control, "offline"));
  });
  request.open("POST", control.root.dataset.uploadUrl ?? "");
  request.setRequestHeader("X-CSRFToken", csrfToken(control));
  request.setRequestHeader("Accept", "application/json, application/problem+json");
  setSending(control, request);
  request.send(body);
}

function take(control: Control, files: FileList | null | undefined): void {
  if (!files || files.length === 0 || control.sending) return;
  const file = files[0] as File;
  const text = files.length > 1 ? say(control, "many") : objection(control, file);
  announce(control, "");
  showError(control, text);
  if (!text) send(control, file);
}

function forget(control: Control): void {
  setValue(control, "");
  part(control, "file").hidden = true;
  part(control, "preview").replaceChildren();
  showError(control, "");
  showButtons(control);
  announce(control, say(control, "removed"));
  part(control, "pick").focus();
}

function remove(control: Control): void {
  const url = control.root.dataset.removeUrl;
  if (!url) {
    forget(control);
    return;
  }
  const body = new FormData();
  body.append("role", control.root.dataset.role ?? "");
  body.append("file", control.value.value);
  fetch(url, {method: "POST", body, headers: {"X-CSRFToken": csrfToken(control), Accept: "application/json, application/problem+json"}})
    .then(async (answer) => {
      if (answer.ok) forget(control);
      else showError(control, reason(parsed<Refusal>(await answer.text())) || say(control, "refused", {status: String(answer.status)}));
    })
    .catch(() => showError(control, say(control, "offline")));
}

function watchDrops(control: Control): void {
  const {root} = control;
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("is-over");
  });
  root.addEventListener("dragleave", () => root.classList.remove("is-over"));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("is-over");
    take(control, event.dataTransfer?.files);
  });
}

function enliven(root: HTMLElement): void {
  const input = root.querySelector<HTMLInputElement>("input[type=file]");
  const value = root.querySelector<HTMLInputElement>("[data-upload-value]");
  if (!input || !value || !root.dataset.uploadUrl || root.classList.contains("is-live")) return;
  const control: Control = {root, input, value, sending: null};
  root.classList.add("is-live");
  // the file travels on its own; the form then names only its id
  input.removeAttribute("name");
  input.tabIndex = -1;
  part(control, "hint").hidden = false;
  const pick = part(control, "pick");
  pick.hidden = false;
  showButtons(control);
  pick.addEventListener("click", () => input.click());
  input.addEventListener("focus", () => pick.focus());
  input.addEventListener("change", () => {
    take(control, input.files);
    // the same file may be chosen again after it was mended
    input.value = "";
  });
  part(control, "remove").addEventListener("click", () => remove(control));
  watchDrops(control);
}

function enlivenAll(): void {
  document.querySelectorAll<HTMLElement>("[data-upload]").forEach(enliven);
}

window.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  const sending = form.querySelector<HTMLElement>("[data-upload][data-sending]");
  if (!sending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const texts = sending.querySelector<HTMLTemplateElement>("template[data-upload-texts]");
  const state = sending.querySelector<HTMLElement>("[data-upload-state]");
  if (state) state.textContent = texts?.content.querySelector('[data-text="wait"]')?.textContent ?? "";
}, true);
document.addEventListener("htmx:after:swap", enlivenAll);
enlivenAll();
