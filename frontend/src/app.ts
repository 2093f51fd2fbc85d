// What every page does with scripts on; without them every form still works.

const BUSY = "aria-busy";

function focusSummary(root: ParentNode): void {
  root.querySelector<HTMLElement>("[data-autofocus]")?.focus();
}

function countCharacters(note: HTMLElement): void {
  const control = document.getElementById(note.dataset.countFor ?? "");
  if (!(control instanceof HTMLTextAreaElement || control instanceof HTMLInputElement)) return;
  const left = Number(note.dataset.limit) - Array.from(control.value.replace(/\r\n/g, "\n")).length;
  const text = (left < 0 ? note.dataset.textOver : note.dataset.textLeft) ?? "";
  note.textContent = text.replace("{n}", String(Math.abs(left)));
  note.classList.toggle("text-error", left < 0);
}

function countAll(): void {
  document.querySelectorAll<HTMLElement>("[data-count-for]").forEach(countCharacters);
}

function isBusy(form: HTMLFormElement): boolean {
  return form.hasAttribute(BUSY);
}

function markFree(root: ParentNode): void {
  root.querySelectorAll(`[${BUSY}]`).forEach((element) => element.removeAttribute(BUSY));
}

const changed = new Set<HTMLFormElement>();

function watchChanges(): void {
  document.addEventListener("input", (event) => {
    const target = event.target as HTMLElement;
    const form = target.closest("form");
    if (form?.hasAttribute("data-warn-dirty")) changed.add(form);
    document.querySelectorAll<HTMLElement>(`[data-count-for="${CSS.escape(target.id)}"]`).forEach(countCharacters);
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of changed) if (!form.isConnected) changed.delete(form);
    if (changed.size) event.preventDefault();
  });
}

function sayNotSent(form: HTMLFormElement | null): void {
  if (!form) return;
  const note = document.createElement("p");
  note.className = "field-error";
  note.setAttribute("role", "alert");
  note.toggleAttribute("data-not-sent", true);
  note.textContent = document.body.dataset.textOffline ?? "";
  form.append(note);
}

function watchSending(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (isBusy(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    changed.delete(form);
    form.setAttribute(BUSY, "true");
    // the button's name and value are read after this event, so the rest waits for the next task
    const submitter = (event as SubmitEvent).submitter;
    setTimeout(() => {
      const isSending = !event.defaultPrevented || form.matches("[hx-post],[hx-get],[hx-put],[hx-delete]");
      if (isSending) submitter?.setAttribute(BUSY, "true");
      else form.removeAttribute(BUSY);
    });
  }, true);
  document.addEventListener("htmx:after:request", () => markFree(document));
  document.addEventListener("htmx:before:request", () => document.querySelectorAll("[data-not-sent]").forEach((note) => note.remove()));
  document.addEventListener("htmx:error", (event) => {
    markFree(document);
    sayNotSent((event.target as HTMLElement).closest("form"));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) markFree(document);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function isShown(element: HTMLElement): boolean {
  // phones of before 2022 do not know checkVisibility
  return element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;
}

function watchKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]").forEach(closeMenu);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    const found = Array.from(document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(event.key)}"]`)).find(isShown);
    if (!found) return;
    event.preventDefault();
    if (found.matches("input, textarea, select")) found.focus();
    else found.click();
  });
}

function closeMenu(menu: HTMLDetailsElement): void {
  const hadFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (hadFocus) menu.querySelector("summary")?.focus();
}

function watchMenus(): void {
  document.addEventListener("click", (event) => {
    document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target as Node)) menu.open = false;
    });
  });
}

document.addEventListener("click", (event) => {
  if ((event.target as HTMLElement).closest("[data-print]")) window.print();
});
document.addEventListener("htmx:after:swap", () => {
  countAll();
  focusSummary(document);
});
watchChanges();
watchSending();
watchKeys();
watchMenus();
countAll();
focusSummary(document);
