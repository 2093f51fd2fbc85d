// Choosing or dropping a file is uploading it. Without this script the control is a plain file input of its form.
import {Job, send} from "./sending";

interface Told {
  state: string;
  state_text: string;
  upload: string;
  name: string;
  file?: string;
  size_text?: string;
  type_text?: string;
  receipt_url?: string;
  preview_html?: string;
  fit_url?: string;
  problem?: {code: string; detail: string};
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
  job: Job | null;
  queue: File[];
  asked: number;
  isBusy: boolean;
  isNew: boolean;
}

const KB = 1024;
const STEP_PERCENT = 25;
const ASK_MS = 700;
const ASK_LATER_MS = 8000;
const ASK_SOON_TIMES = 20;
const UNAUTHORIZED = 401;
const controls: Control[] = [];

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

function shortSize(control: Control, size: number): string {
  if (size < KB) return say(control, "bytes", {n: String(size)});
  const [unit, name] = size < KB * KB ? [KB, "KB"] : [KB * KB, "MB"];
  return `${(size / unit).toFixed(1).replace(/\.0$/, "")} ${name}`;
}

function sizeText(control: Control, size: number): string {
  const exact = say(control, "bytes", {n: size.toLocaleString("en-US")});
  return size < KB ? exact : `${shortSize(control, size)}（${exact}）`;
}

function showError(control: Control, text: string): void {
  part(control, "error").hidden = text === "";
  part(control, "error-text").textContent = text;
  const pick = part(control, "pick");
  if (text) {
    control.input.setAttribute("aria-invalid", "true");
    pick.setAttribute("aria-describedby", part(control, "error").id);
  } else {
    control.input.removeAttribute("aria-invalid");
    pick.removeAttribute("aria-describedby");
  }
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
  const {fitBytes, accept, types} = control.root.dataset;
  const most = Number(fitBytes);
  if (!fits(file, accept ?? "")) return say(control, "kind", {name: file.name, types: types ?? ""});
  if (file.size === 0) return say(control, "empty");
  if (most > 0 && file.size > most) {
    return say(control, "large", {name: file.name, size: sizeText(control, file.size), limit: sizeText(control, most)});
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

function showButtons(control: Control): void {
  const kept = control.value.value !== "";
  part(control, "remove").hidden = !kept;
  const text = part(control, "pick-text");
  text.dataset.textFirst ??= kept ? (text.dataset.textChoose ?? "") : (text.textContent ?? "");
  text.textContent = (kept ? text.dataset.textReplace : text.dataset.textFirst) ?? "";
}

function showStored(control: Control, told: Told): void {
  setValue(control, told.file ?? "");
  part(control, "file").hidden = false;
  part(control, "name").textContent = told.name;
  part(control, "facts").textContent = [told.type_text, told.size_text, told.state_text].filter(Boolean).join("・");
  const receipt = part<HTMLAnchorElement>(control, "receipt");
  receipt.hidden = !told.receipt_url;
  if (told.receipt_url) receipt.href = told.receipt_url;
  part(control, "preview").innerHTML = told.preview_html ?? "";
  showButtons(control);
  announce(control, say(control, "done", {name: told.name}));
}

function showFit(control: Control, url: string): void {
  const link = part<HTMLAnchorElement>(control, "fit");
  part(control, "fit-area").hidden = url === "";
  if (url) link.href = url;
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

function setBusy(control: Control, isBusy: boolean): void {
  control.isBusy = isBusy;
  control.root.toggleAttribute("data-sending", isBusy);
  part(control, "progress").hidden = !isBusy;
  part<HTMLButtonElement>(control, "pick").disabled = isBusy;
  part<HTMLButtonElement>(control, "camera").disabled = isBusy;
}

function showState(control: Control, key: string): void {
  part(control, "doing").textContent = say(control, key);
}

function showPause(control: Control, isPaused: boolean): void {
  part(control, "pause").hidden = isPaused;
  part(control, "go").hidden = !isPaused;
}

function end(control: Control, error = ""): void {
  const hadFocus = part(control, "progress").contains(document.activeElement);
  control.job = null;
  setBusy(control, false);
  showError(control, error);
  if (error) announce(control, "");
  if (hadFocus) part(control, "pick").focus();
  document.body.dispatchEvent(new CustomEvent("licheng:left"));
  next(control);
}

function showResult(control: Control, told: Told): void {
  if (told.state === "stored") showStored(control, told);
  if (told.state === "too-large") {
    showFit(control, told.fit_url ?? "");
    announce(control, say(control, "fit", {name: told.name}));
  }
  control.isNew = true;
  if (told.state === "source") announce(control, say(control, "source", {name: told.name}));
  end(control, told.problem ? told.problem.detail : "");
}

function isEnded(told: Told): boolean {
  return told.state !== "complete" && told.state !== "receiving";
}

// all bytes are there: the server checks and stores them, and says so only when it is true
async function ask(control: Control, url: string): Promise<void> {
  control.asked += 1;
  try {
    const answer = await fetch(`${url}state/`, {headers: {Accept: "application/json"}});
    const told = parsed<Told>(await answer.text());
    if (answer.ok && told && isEnded(told)) {
      showResult(control, told);
      return;
    }
    if (answer.redirected || answer.status === UNAUTHORIZED) {
      end(control, say(control, "signed-out"));
      return;
    }
    if (answer.status >= 400 && answer.status < 500) {
      end(control, reason(told as Refusal | null));
      return;
    }
  } catch {
    showState(control, "waiting");
  }
  if (control.asked === ASK_SOON_TIMES) announce(control, say(control, "pending"));
  if (control.asked >= ASK_SOON_TIMES) showState(control, "pending");
  window.setTimeout(() => void ask(control, url), control.asked < ASK_SOON_TIMES ? ASK_MS : ASK_LATER_MS);
}

function moved(control: Control, file: File, sent: number, total: number): void {
  const percent = total ? Math.floor((sent / total) * 100) : 0;
  const bar = part(control, "progress").querySelector("progress");
  if (bar) bar.value = percent;
  showState(control, "moving");
  const sizes = {n: shortSize(control, sent), size: shortSize(control, total), percent: String(percent)};
  part(control, "amount").textContent = say(control, "amount", sizes);
  const said = Number(control.root.dataset.said ?? -1);
  const step = Math.floor(percent / STEP_PERCENT) * STEP_PERCENT;
  if (step > said) {
    announce(control, say(control, "sending", {n: String(step), name: file.name}));
    control.root.dataset.said = String(step);
  }
}

function refusedText(control: Control, status: number, body: string): string {
  const refusal = parsed<Refusal>(body);
  if (refusal) return reason(refusal);
  // an answer of another kind, such as the page to sign in
  return status < 400 ? say(control, "signed-out") : say(control, "refused", {status: String(status)});
}

async function begin(control: Control, file: File): Promise<void> {
  const {createUrl, itemKind, itemId, role, source} = control.root.dataset;
  setBusy(control, true);
  showPause(control, false);
  showFit(control, "");
  showError(control, "");
  control.root.dataset.said = "-1";
  part(control, "sending-name").textContent = file.name;
  moved(control, file, 0, file.size);
  const metadata: Record<string, string> = {item_kind: itemKind ?? "", item_id: itemId ?? "", role: role ?? ""};
  if (source) metadata.source = "1";
  control.job = await send(file, {
    createUrl: createUrl ?? "",
    metadata,
    token: () => csrfToken(control),
    moved: (sent, total) => moved(control, file, sent, total),
    resumed: () => announce(control, say(control, "resumed", {name: file.name})),
    waiting: () => {
      showState(control, "waiting");
      announce(control, say(control, "waiting"));
    },
    ended: (url, body) => {
      const told = parsed<Told>(body);
      if (told?.state && isEnded(told)) {
        showResult(control, told);
        return;
      }
      control.asked = 0;
      showState(control, "checking");
      announce(control, say(control, "checking"));
      part(control, "pause").hidden = true;
      void ask(control, url);
    },
    failed: (status, body) => end(control, refusedText(control, status, body)),
    unreadable: () => end(control, say(control, "unreadable", {name: file.name})),
  });
}

function next(control: Control): void {
  const file = control.queue.shift();
  if (file) {
    void begin(control, file);
  } else if (control.root.dataset.reload && control.isNew && part(control, "error").hidden) {
    window.location.reload();
  }
}

function offer(control: Control, files: File[]): void {
  const text = files.map((file) => objection(control, file)).find(Boolean) ?? "";
  announce(control, "");
  showError(control, text);
  control.queue.push(...files.filter((file) => objection(control, file) === ""));
  if (!control.isBusy) next(control);
}

// several files at once: each goes to the control that takes its kind
function take(control: Control, chosen: FileList | null | undefined): void {
  const files = Array.from(chosen ?? []);
  if (files.length === 0) return;
  if (files.length === 1 || control.input.multiple) {
    offer(control, files);
    return;
  }
  const places = files.map((file) => controls.find((one) => one.root.isConnected && fits(file, one.root.dataset.accept ?? "")));
  if (places.some((place) => !place) || new Set(places).size < files.length) {
    showError(control, say(control, "many"));
    return;
  }
  files.forEach((file, number) => {
    const place = places[number];
    if (place) offer(place, [file]);
  });
}

function forget(control: Control): void {
  setValue(control, "");
  part(control, "file").hidden = true;
  part(control, "preview").textContent = "";
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

function giveUp(control: Control): void {
  control.queue = [];
  const leave = (): void => {
    end(control);
    announce(control, say(control, "given-up"));
    part(control, "pick").focus();
  };
  // without a line the server forgets it by itself in some days, and the page lists it until then
  control.job?.giveUp().then(leave, leave);
}

function watchJob(control: Control): void {
  part(control, "pause").addEventListener("click", () => {
    control.job?.pause();
    showPause(control, true);
    showState(control, "paused");
    announce(control, say(control, "paused"));
    part(control, "go").focus();
  });
  part(control, "go").addEventListener("click", () => {
    showPause(control, false);
    showState(control, "moving");
    control.job?.go();
    part(control, "pause").focus();
  });
  part(control, "cancel").addEventListener("click", () => giveUp(control));
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

function offerCamera(control: Control): void {
  const {input} = control;
  const button = part(control, "camera");
  button.hidden = !(button.dataset.uploadCamera && window.matchMedia("(pointer: coarse)").matches);
  button.addEventListener("click", () => {
    const accept = input.accept;
    input.accept = "image/*";
    input.setAttribute("capture", "environment");
    input.click();
    input.accept = accept;
    input.removeAttribute("capture");
  });
}

function enliven(root: HTMLElement): void {
  const input = root.querySelector<HTMLInputElement>("input[type=file]");
  const value = root.querySelector<HTMLInputElement>("[data-upload-value]");
  if (!input || !value || !root.dataset.createUrl || root.classList.contains("is-live")) return;
  const control: Control = {root, input, value, job: null, queue: [], asked: 0, isBusy: false, isNew: false};
  controls.push(control);
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
  offerCamera(control);
  watchJob(control);
  watchDrops(control);
}

function enlivenAll(): void {
  document.querySelectorAll<HTMLElement>("[data-upload]").forEach(enliven);
}

window.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  const sending = controls.find((control) => control.isBusy && form.contains(control.root));
  if (!sending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  announce(sending, say(sending, "wait"));
}, true);
document.addEventListener("htmx:after:swap", enlivenAll);
enlivenAll();
