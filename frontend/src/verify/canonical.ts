// The one byte form of a JSON document. Source: RFC 8785, without fractions, as licheng_exchange writes it.

export type Json = null | boolean | number | string | Json[] | {[name: string]: Json};

export class NotCanonical extends Error {}

export function canonical(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new NotCanonical("floats have no single byte form");
    return String(value);
  }
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  // the default order of sort() is by UTF-16 units, as the standard asks
  return `{${Object.keys(value).sort().map((name) => `${quoted(name)}:${canonical(value[name] as Json)}`).join(",")}}`;
}

function quoted(text: string): string {
  if (/[\ud800-\udfff]/u.test(text)) throw new NotCanonical("text with half a character");
  return JSON.stringify(text);
}

export function parseCanonical(data: Uint8Array): Json {
  let text: string;
  let value: Json;
  try {
    text = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(data);
    value = JSON.parse(text) as Json;
  } catch {
    throw new NotCanonical("not JSON");
  }
  if (canonical(value) !== text) throw new NotCanonical("JSON, but not in the canonical form of RFC 8785");
  return value;
}
