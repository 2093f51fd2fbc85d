// The page that verifies a receipt with nothing but the browser: no server is asked.

import {Given, ItemVerdict, Problem, Unsupported, Verdict, hashed, verifyKit} from "./verify/checks";

const chosen: {receipt: File | null; keys: File | null; files: File[]} = {receipt: null, keys: null, files: []};

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page lacks ${id}`);
  return found as T;
}

function made(tag: string, css: string, ...content: (string | Node)[]): HTMLElement {
  const node = document.createElement(tag);
  if (css) node.className = css;
  node.append(...content);
  return node;
}

function both(zh: string, en: string): DocumentFragment {
  const part = document.createDocumentFragment();
  const english = made("span", "en", en);
  english.lang = "en";
  part.append(made("span", "zh", zh), english);
  return part;
}

async function bytes(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

function sort(files: File[]): void {
  for (const file of files) {
    if (/^receipt\b.*\.json$/i.test(file.name)) chosen.receipt = file;
    else if (/^keys\b.*\.txt$/i.test(file.name)) chosen.keys = file;
    else chosen.files = [...chosen.files.filter((one) => one.name !== file.name), file];
  }
}

function showChosen(): void {
  element("chosen-receipt").textContent = chosen.receipt?.name ?? "";
  element("chosen-keys").textContent = chosen.keys?.name ?? "";
  element("chosen-files").textContent = chosen.files.map((file) => file.name).join("、");
}

function problemItem({file, rule, zh, en}: Problem): HTMLElement {
  const item = made("li", "bad", made("strong", "", file), both(zh, en), made("code", "", rule));
  item.dataset.rule = rule;
  return item;
}

function itemLines(item: ItemVerdict): HTMLElement {
  const lines = made("ul", "");
  const add = (isGood: boolean | null, zh: string, en: string): void =>
    lines.append(made("li", isGood === null ? "open" : isGood ? "good" : "bad", both(zh, en)));
  if (item.reasons.length === 0) {
    add(true, `在典藏帳本第 ${item.index} 筆（帳本共 ${item.size} 筆），登錄時間 ${item.time}`, `Entry ${item.index} of a ledger of ${item.size}, logged at ${item.time}`);
  }
  lines.append(...item.reasons.map(problemItem));
  for (const name of item.checked) add(true, `「${name}」與提交時的檔案完全相同`, `“${name}” is byte for byte the submitted file`);
  for (const name of item.notGiven) add(null, `「${name}」沒有放入或內容不同，無法證明`, `“${name}” was not given or differs: nothing shown about it`);
  return made("section", "item", made("h3", "", item.title), lines);
}

const HEADLINES: Record<Verdict["outcome"], [string, string]> = {
  pass: ["通過：收據是真的，您放入的檔案和提交時完全相同。", "Passed: the receipt is genuine and the files you gave are the submitted ones."],
  incomplete: ["收據是真的，但還沒有放入您的檔案，所以還不能證明檔案。", "The receipt is genuine, but none of your files was given: nothing is shown about them yet."],
  fail: ["不通過：請看下面的原因。", "Failed: see the reasons below."],
};

function facts({receipt}: Verdict): HTMLElement {
  const list = made("dl", "");
  const add = (label: string, value: string): void => list.append(made("dt", "", label), made("dd", "", value));
  if (receipt) {
    add("學生 Student", `${receipt.student.name}（${receipt.student.no}）`);
    add("學校 School", `${receipt.school.name}（${receipt.school.code}）`);
    add("典藏單位 Archive", receipt.archive);
    add("開立時間 Issued", receipt.issuedAt);
  }
  return list;
}

function show(state: string, zh: string, en: string, ...content: Node[]): void {
  const result = element("result");
  const heading = made("h2", "", both(zh, en));
  heading.tabIndex = -1;
  result.dataset.verdict = state;
  result.replaceChildren(heading, ...content);
  heading.focus();
}

function showVerdict(verdict: Verdict): void {
  const inItems = new Set(verdict.items.flatMap((item) => item.reasons));
  const general = verdict.problems.filter((problem) => !inItems.has(problem));
  const content: Node[] = [];
  if (general.length) content.push(made("ul", "", ...general.map(problemItem)));
  content.push(facts(verdict), ...verdict.items.map(itemLines));
  show(verdict.outcome, ...HEADLINES[verdict.outcome], ...content);
}

async function run(): Promise<void> {
  if (!chosen.receipt || !chosen.keys) {
    show("waiting", "還缺收據（receipt.json）或公布的金鑰（keys.txt）。", "The receipt (receipt.json) or the published keys (keys.txt) is missing.");
    return;
  }
  const given: Given[] = [];
  try {
    for (const file of chosen.files) given.push(await hashed(file.name, await bytes(file)));
    showVerdict(await verifyKit(await bytes(chosen.receipt), chosen.keys.name, await bytes(chosen.keys), given));
  } catch (error) {
    if (error instanceof Unsupported) {
      show("unable", `這個瀏覽器不支援 ${error.message}，無法判斷真假。請更新瀏覽器，或改用指令 licheng-exchange receipt verify。`,
        `This browser does not support ${error.message}, so nothing can be judged. Update it, or use the command licheng-exchange receipt verify.`);
    } else {
      show("unable", "讀取檔案時發生問題，請重新選擇檔案。", "A file could not be read: choose the files again.");
    }
  }
}

function take(files: File[]): void {
  sort(files);
  showChosen();
  if (chosen.receipt && chosen.keys) void run();
}

function watch(id: string, keep: (files: File[]) => void): void {
  const input = element<HTMLInputElement>(id);
  input.addEventListener("change", () => {
    keep(Array.from(input.files ?? []));
    showChosen();
    if (chosen.receipt && chosen.keys) void run();
  });
}

watch("receipt", (files) => { chosen.receipt = files[0] ?? null; });
watch("keys", (files) => { chosen.keys = files[0] ?? null; });
watch("files", (files) => { chosen.files = files; });
element<HTMLInputElement>("all").addEventListener("change", (event) => take(Array.from((event.target as HTMLInputElement).files ?? [])));
element("start").addEventListener("click", () => void run());
element("again").addEventListener("click", () => {
  Object.assign(chosen, {receipt: null, keys: null, files: []});
  document.querySelectorAll("input").forEach((input) => { input.value = ""; });
  showChosen();
  element("result").replaceChildren();
  delete element("result").dataset.verdict;
  element("all").focus();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  take(Array.from(event.dataTransfer?.files ?? []));
});
