// The places of a receipt that the checks read; what else it holds is covered by its signature.

import {FormError} from "./bytes";
import {Json} from "./canonical";

type Fields = {[name: string]: Json};

export interface RecordedFile {
  name: string;
  sha256: string;
  size: number;
}

export interface Item {
  record: Fields;
  id: string;
  title: string;
  files: RecordedFile[];
  proof: string;
}

export interface Receipt {
  whole: Fields;
  archive: string;
  school: {code: string; name: string};
  student: {no: string; name: string};
  subjectKey: string;
  package: string;
  issuedAt: string;
  items: Item[];
  key: string;
  signature: string;
}

const HASH = /^[0-9a-f]{64}$/;

export function fields(value: Json | undefined, path: string, names?: string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new FormError(`${path} must be an object`);
  for (const name of names ?? []) if (!(name in value)) throw new FormError(`${path}.${name} is missing`);
  for (const name of names ? Object.keys(value) : []) if (!names?.includes(name)) throw new FormError(`${path}.${name} is not a known field`);
  return value;
}

export function text(value: Json | undefined, path: string, pattern?: RegExp): string {
  if (typeof value !== "string") throw new FormError(`${path} must be text`);
  if (pattern && !pattern.test(value)) throw new FormError(`${path} must match ${pattern.source}`);
  return value;
}

function list(value: Json | undefined, path: string): Json[] {
  if (!Array.isArray(value)) throw new FormError(`${path} must be a list`);
  return value;
}

function recordedFile(value: Json, path: string): RecordedFile {
  const file = fields(value, path, ["role", "name", "sha256", "size", "md5"]);
  if (typeof file.size !== "number" || file.size < 0) throw new FormError(`${path}.size must be a whole number`);
  return {name: text(file.name, `${path}.name`), sha256: text(file.sha256, `${path}.sha256`, HASH), size: file.size};
}

function readItem(value: Json, path: string): Item {
  const item = fields(value, path, ["record", "proof"]);
  const record = fields(item.record, `${path}.record`);
  const title = record.title || record.course_name || record.category_name;
  return {
    record,
    id: text(record.item, `${path}.record.item`),
    title: typeof title === "string" ? title : text(record.item, `${path}.record.item`),
    files: list(record.files, `${path}.record.files`).map((file, place) => recordedFile(file, `${path}.record.files[${place}]`)),
    proof: text(item.proof, `${path}.proof`),
  };
}

export function readReceipt(value: Json): Receipt {
  const whole = fields(value, "$", ["receipt", "signature"]);
  const receipt = fields(whole.receipt, "$.receipt",
    ["v", "kind", "archive", "school", "student", "subject_key", "package", "issued_at", "items"]);
  if (receipt.v !== 1 || receipt.kind !== "licheng-receipt") throw new FormError("$.receipt.kind must be one of: licheng-receipt");
  const school = fields(receipt.school, "$.receipt.school", ["code", "name"]);
  const student = fields(receipt.student, "$.receipt.student", ["no", "name"]);
  const signature = fields(whole.signature, "$.signature", ["key", "ed25519"]);
  const items = list(receipt.items, "$.receipt.items").map((item, place) => readItem(item, `$.receipt.items[${place}]`));
  if (items.length === 0) throw new FormError("$.receipt.items must be a list of 1 to 2000");
  return {
    whole: receipt,
    archive: text(receipt.archive, "$.receipt.archive"),
    school: {code: text(school.code, "$.receipt.school.code"), name: text(school.name, "$.receipt.school.name")},
    student: {no: text(student.no, "$.receipt.student.no"), name: text(student.name, "$.receipt.student.name")},
    subjectKey: text(receipt.subject_key, "$.receipt.subject_key", HASH),
    package: text(receipt.package, "$.receipt.package"),
    issuedAt: text(receipt.issued_at, "$.receipt.issued_at"),
    items,
    key: text(signature.key, "$.signature.key"),
    signature: text(signature.ed25519, "$.signature.ed25519"),
  };
}
