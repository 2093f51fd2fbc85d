// The checks of a receipt, by the same rule names and in the same words as the command `licheng-exchange receipt verify`.

import {FormError, Unsupported, checkSupport, hex, hmac, sha256, unbase64, unhex, utf8, verifyEd25519} from "./bytes";
import {Json, NotCanonical, canonical, parseCanonical} from "./canonical";
import {Key, parseKeys} from "./notes";
import {provenEntry} from "./proofs";
import {Item, Receipt, fields, readReceipt} from "./shapes";

export interface Problem {
  file: string;
  rule: string;
  zh: string;
  en: string;
}

export interface ItemVerdict {
  title: string;
  index: bigint | null;
  size: bigint | null;
  time: string;
  checked: string[];
  notGiven: string[];
  reasons: Problem[];
}

export interface Verdict {
  outcome: "pass" | "incomplete" | "fail";
  receipt: Receipt | null;
  items: ItemVerdict[];
  problems: Problem[];
}

export interface Given {
  name: string;
  sha256: string;
  size: number;
}

const RECEIPT = "receipt.json";
const LEAF_FIELDS = ["v", "type", "item", "record", "files", "school", "package", "subject", "time"];

function because(error: unknown): string {
  if (error instanceof FormError || error instanceof NotCanonical) return error.message;
  throw error;
}

function refused(problem: Problem): Verdict {
  return {outcome: "fail", receipt: null, items: [], problems: [problem]};
}

export async function hashed(name: string, data: Uint8Array): Promise<Given> {
  return {name, sha256: hex(await sha256(data)), size: data.length};
}

export async function verifyKit(receiptBytes: Uint8Array, keysName: string, keysBytes: Uint8Array, files: Given[]): Promise<Verdict> {
  await checkSupport();
  let keys: Key[];
  let receipt: Receipt;
  try {
    keys = await parseKeys(keysBytes);
  } catch (error) {
    const reason = because(error);
    return refused({file: keysName, rule: "keys-format", zh: `金鑰檔已被更動或格式不符：${reason}`, en: reason});
  }
  try {
    receipt = readReceipt(parseCanonical(receiptBytes));
  } catch (error) {
    const reason = because(error);
    return refused({file: RECEIPT, rule: "receipt-format", zh: `收據內容已被更動或不完整：${reason}`, en: reason});
  }
  const items: ItemVerdict[] = [];
  for (const item of receipt.items) items.push(await itemVerdict(item, receipt, keys, files));
  const problems = [...await signatureProblems(receipt, keys), ...fileProblems(receipt, files), ...items.flatMap((item) => item.reasons)];
  const outcome = problems.length ? "fail" : files.length ? "pass" : "incomplete";
  return {outcome, receipt, items, problems};
}

async function signatureProblems(receipt: Receipt, keys: Key[]): Promise<Problem[]> {
  const key = keys.find((one) => one.label === receipt.key);
  if (!key || key.name.split("/")[0] !== receipt.archive.split("/")[0]) {
    return [{
      file: RECEIPT, rule: "receipt-key-unknown",
      zh: `收據由 ${receipt.key} 簽署，但公布的金鑰中沒有典藏單位 ${receipt.archive} 的這把金鑰。`,
      en: `The receipt is signed by ${receipt.key}, which is not among the published keys of ${receipt.archive}.`,
    }];
  }
  let isGood = false;
  try {
    isGood = await verifyEd25519(key.public, unbase64(receipt.signature), utf8(canonical(receipt.whole)));
  } catch (error) {
    because(error);
  }
  return isGood ? [] : [{
    file: RECEIPT, rule: "receipt-signature",
    zh: "收據的簽章不符：收據內容在簽署後被更動過。",
    en: "The signature does not fit: the receipt was altered after it was signed.",
  }];
}

function fileProblems(receipt: Receipt, files: Given[]): Problem[] {
  const recorded = receipt.items.flatMap((item) => item.files);
  return files.flatMap((given): Problem[] => {
    if (recorded.some((file) => file.sha256 === given.sha256 && file.size === given.size)) return [];
    if (recorded.some((file) => file.name === given.name)) {
      return [{
        file: given.name, rule: "file-changed",
        zh: `「${given.name}」的內容與收據記載的不同：這不是當時提交的那個檔案。`,
        en: `The content of “${given.name}” differs from the receipt: it is not the file that was submitted.`,
      }];
    }
    return [{
      file: given.name, rule: "file-not-in-receipt",
      zh: `收據沒有記載「${given.name}」：請確認放入的是提交時的檔案。`,
      en: `The receipt does not list “${given.name}”: use the file that was submitted.`,
    }];
  });
}

async function itemVerdict(item: Item, receipt: Receipt, keys: Key[], files: Given[]): Promise<ItemVerdict> {
  const isGiven = (file: {sha256: string; size: number}): boolean => files.some((given) => given.sha256 === file.sha256 && given.size === file.size);
  const verdict: ItemVerdict = {
    title: item.title, index: null, size: null, time: "", reasons: [],
    checked: item.files.filter(isGiven).map((file) => file.name),
    notGiven: item.files.filter((file) => !isGiven(file)).map((file) => file.name),
  };
  const place = `${RECEIPT}: ${item.title}`;
  let entry: Uint8Array;
  try {
    ({entry, index: verdict.index, size: verdict.size} = await provenEntry(item.proof, keys, receipt.archive));
  } catch (error) {
    const reason = because(error);
    verdict.reasons.push({file: place, rule: "proof-refused", zh: `帳本證明不成立：${reason}`, en: `The proof does not hold: ${reason}`});
    return verdict;
  }
  try {
    const leaf = fields(parseCanonical(entry), "$");
    verdict.time = typeof leaf.time === "string" ? leaf.time : "";
    verdict.reasons.push(...await leafProblems(place, leaf, item, receipt));
  } catch (error) {
    const reason = because(error);
    verdict.reasons.push({file: place, rule: "leaf-format", zh: `帳本登錄的格式不符：${reason}`, en: `The leaf is malformed: ${reason}`});
  }
  return verdict;
}

async function leafProblems(place: string, leaf: {[name: string]: Json}, item: Item, receipt: Receipt): Promise<Problem[]> {
  if (leaf.type !== "deposited") {
    return [{file: place, rule: "leaf-type", zh: "這筆登錄不是典藏登錄。", en: "The ledger entry does not record a deposit."}];
  }
  fields(leaf, "$", LEAF_FIELDS);
  const subject = await hmac(unhex(receipt.subjectKey), utf8(`${receipt.school.code}:${receipt.student.no}`));
  const files = item.files.map(({sha256: hash, size}) => ({sha256: hash, size}));
  const claims: [string, string, string, boolean][] = [
    ["leaf-item", "項目編號", "item", leaf.item === item.id],
    ["leaf-record", "項目內容", "record", leaf.record === hex(await sha256(utf8(canonical(item.record))))],
    ["leaf-files", "檔案清單", "files", canonical(leaf.files as Json) === canonical(files)],
    ["leaf-school", "學校", "school", leaf.school === receipt.school.code],
    ["leaf-package", "提交包", "package", leaf.package === receipt.package],
    ["leaf-subject", "學生", "student", leaf.subject === hex(subject)],
  ];
  return claims.filter(([, , , holds]) => !holds).map(([rule, zh, en]) => ({
    file: place, rule, zh: `收據的${zh}與帳本登錄的不同。`, en: `The receipt's ${en} differs from the ledger entry.`,
  }));
}

export {Unsupported};
