// Photos in an order that can be dragged, and versions looked at one at a time. Everything also works by buttons and links.

const list = (): HTMLElement | null => document.querySelector<HTMLElement>("[data-photos]");
let dragged: HTMLElement | null = null;
let before = "";

function order(): string[] {
  const photos = list()?.querySelectorAll<HTMLElement>("[data-photo]") ?? [];
  return Array.from(photos, (photo) => photo.dataset.photo ?? "");
}

// the form stands in the page: it brings its token along and htmx sends it
function keep(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-order]");
  if (!form) return;
  form.querySelectorAll("input[name=photo]").forEach((input) => input.remove());
  for (const id of order()) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = "photo";
    input.value = id;
    form.append(input);
  }
  form.querySelector("button")?.click();
}

function photoAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-photo]") : null;
}

function watchDragging(): void {
  // a photo is only draggable while the pointer holds it outside its buttons: text and buttons stay usable
  document.addEventListener("pointerdown", (event) => {
    const photo = photoAt(event.target);
    const onButton = event.target instanceof Element && event.target.closest("button") !== null;
    if (photo) photo.draggable = event.pointerType === "mouse" && !onButton;
  });
  document.addEventListener("dragstart", (event) => {
    dragged = photoAt(event.target);
    if (!dragged) return;
    before = order().join();
    dragged.classList.add("is-dragged");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    const over = photoAt(event.target);
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const isBehind = (dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    over.parentElement?.insertBefore(dragged, isBehind ? over.nextSibling : over);
  });
  document.addEventListener("drop", (event) => {
    if (dragged) event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    if (dragged && order().join() !== before) keep();
    dragged = null;
  });
}

function show(root: HTMLElement, side: string): void {
  root.querySelectorAll<HTMLElement>("[data-side]").forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.side === side)));
  root.querySelectorAll<HTMLElement>("[data-shows]").forEach((figure) => {
    figure.hidden = side !== "both" && figure.dataset.shows !== side;
  });
  root.toggleAttribute("data-single", side !== "both");
}

function enlivenSides(): void {
  document.querySelectorAll<HTMLElement>("[data-sides]").forEach((root) => {
    const choice = root.querySelector<HTMLElement>("[data-sides-switch]");
    if (choice) choice.hidden = false;
    root.querySelectorAll<HTMLElement>("button[data-side]").forEach((button) =>
      button.addEventListener("click", () => show(root, button.dataset.side ?? "both")));
  });
}

watchDragging();
enlivenSides();
