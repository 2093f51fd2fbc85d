// Bytes, their spellings, and the browser's own cryptography.

export class Unsupported extends Error {}
export class FormError extends Error {}

const HEX_BYTES = 2;
const HEX = 16;

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(HEX).padStart(HEX_BYTES, "0")).join("");
}

export function unhex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new FormError("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, HEX));
}

export function unbase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new FormError("not base64");
  }
  if (btoa(binary) !== text) throw new FormError("not base64 in its one spelling");
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

function subtle(): SubtleCrypto {
  if (!globalThis.crypto?.subtle) throw new Unsupported("WebCrypto");
  return globalThis.crypto.subtle;
}

export async function sha256(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle().digest("SHA-256", data as BufferSource));
}

export async function hmac(key: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const made = await subtle().importKey("raw", key as BufferSource, {name: "HMAC", hash: "SHA-256"}, false, ["sign"]);
  return new Uint8Array(await subtle().sign("HMAC", made, message as BufferSource));
}

// the published example 1 of RFC 8032 §7.1: a browser that cannot confirm it cannot judge any receipt
const PROBE_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const PROBE_SIGNATURE = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

export async function checkSupport(): Promise<void> {
  let works = false;
  try {
    works = await verifyEd25519(unhex(PROBE_KEY), unhex(PROBE_SIGNATURE), new Uint8Array(0));
  } catch {
    throw new Unsupported("Ed25519");
  }
  if (!works) throw new Unsupported("Ed25519");
}

export async function verifyEd25519(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  const made = await subtle().importKey("raw", key as BufferSource, {name: "Ed25519"}, false, ["verify"]);
  return subtle().verify({name: "Ed25519"}, made, signature as BufferSource, message as BufferSource);
}
