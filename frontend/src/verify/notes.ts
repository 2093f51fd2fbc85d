// Signed notes, checkpoints and published keys. Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint.

import {FormError, hex, joined, sha256, unbase64, utf8, verifyEd25519} from "./bytes";

export interface Key {
  name: string;
  id: string;
  label: string;
  public: Uint8Array;
}

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Uint8Array;
}

const ED25519 = 1;
const KEY_BYTES = 32;
const ROOT_BYTES = 32;
const ID_BYTES = 4;
const MAX_SIGNATURES = 64;
const MAX_NOTE = 1 << 20;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

function checkName(name: string): void {
  if (!name || /[+\s\p{C}\p{Z}]/u.test(name)) throw new FormError(`not a key name: '${name}'`);
}

async function parseKey(line: string): Promise<Key> {
  const found = /^([^+]*)\+([^+]*)\+([\s\S]*)$/.exec(line);
  if (!found) throw new FormError("not a verifying key: three parts joined by + are expected");
  const [name, id, encoded] = found.slice(1) as [string, string, string];
  checkName(name);
  const value = unbase64(encoded);
  if (value.length !== 1 + KEY_BYTES || value[0] !== ED25519) throw new FormError("not an Ed25519 key");
  const right = hex((await sha256(joined(utf8(name), utf8("\n"), value))).slice(0, ID_BYTES));
  if (id !== right) throw new FormError("the key id does not belong to this name and key");
  return {name, id, label: `${name}+${id}`, public: value.slice(1)};
}

export async function parseKeys(data: Uint8Array): Promise<Key[]> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(data);
  } catch {
    throw new FormError("the keys file is not UTF-8");
  }
  if (!text.endsWith("\n")) throw new FormError("each line of a keys file ends with a newline");
  const keys = await Promise.all(text.slice(0, -1).split("\n").map(parseKey));
  if (new Set(keys.map((key) => key.label)).size !== keys.length) throw new FormError("a key stands in the keys file twice");
  return keys;
}

function signatureLine(line: string): {name: string; id: string; signature: Uint8Array} {
  const parts = line.split(" ");
  if (parts.length !== 3 || parts[0] !== "—") throw new FormError("a signature line is a dash, a name and base64, with one space between");
  const [, name, encoded] = parts as [string, string, string];
  checkName(name);
  const value = unbase64(encoded);
  if (value.length <= ID_BYTES) throw new FormError("a signature is too short");
  return {name, id: hex(value.slice(0, ID_BYTES)), signature: value.slice(ID_BYTES)};
}

async function openNote(note: string, keys: Key[]): Promise<{text: string; signers: Key[]}> {
  if (note.length > MAX_NOTE || CONTROL.test(note)) throw new FormError("a note is at most 1 MiB and has no control characters but the newline");
  const gap = note.lastIndexOf("\n\n");
  const tail = note.slice(gap + 2);
  if (gap < 0 || !tail.endsWith("\n")) throw new FormError("a note is its text, an empty line and its signatures, each line ended by a newline");
  const text = note.slice(0, gap + 1);
  const lines = tail.slice(0, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw new FormError("the note has too many signatures");
  const signers: Key[] = [];
  for (const {name, id, signature} of lines.map(signatureLine)) {
    const key = keys.find((one) => one.name === name && one.id === id);
    if (!key) continue;
    if (signers.includes(key)) throw new FormError(`the key ${key.label} signed twice`);
    if (!(await verifyEd25519(key.public, signature, utf8(text)))) throw new FormError(`the signature of ${key.label} does not fit`);
    signers.push(key);
  }
  if (signers.length === 0) throw new FormError("no known key signed this note");
  return {text, signers};
}

function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, encoded, rest, ...more] = text.split("\n");
  if (!origin || !/^(?:0|[1-9][0-9]{0,18})$/.test(size ?? "") || encoded === undefined || rest !== "" || more.length) {
    throw new FormError("a checkpoint is three lines: origin, size and root");
  }
  const root = unbase64(encoded);
  if (root.length !== ROOT_BYTES) throw new FormError("a root has 32 bytes");
  return {origin, size: BigInt(size as string), root};
}

export async function openCheckpoint(note: string, keys: Key[], origin: string): Promise<Checkpoint> {
  const {text, signers} = await openNote(note, keys);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) throw new FormError(`the checkpoint belongs to ${checkpoint.origin}, not to ${origin}`);
  if (signers.every((key) => key.name !== origin)) throw new FormError(`no known key of ${origin} signed its checkpoint`);
  return checkpoint;
}
