// The proof that a log holds an entry. Sources: c2sp.org/tlog-proof, RFC 9162 §2.1.3.2.

import {FormError, joined, same, sha256, unbase64} from "./bytes";
import {Checkpoint, Key, openCheckpoint} from "./notes";

const HEADER = "c2sp.org/tlog-proof@v1";
const MAX_PROOF = 1 << 20;
const MAX_HASHES = 63;
const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

interface Proof {
  entry: Uint8Array;
  index: bigint;
  hashes: Uint8Array[];
  note: string;
}

function decoded(text: string): Uint8Array {
  try {
    return unbase64(text);
  } catch (error) {
    throw new FormError(`the proof holds a line that is ${(error as Error).message}`);
  }
}

function parseProof(text: string): Proof {
  if (text.length > MAX_PROOF) throw new FormError("the proof is too long");
  const gap = text.indexOf("\n\n");
  const lines = text.slice(0, gap).split("\n");
  const note = text.slice(gap + 2);
  if (gap < 0 || !note || lines.shift() !== HEADER) throw new FormError(`not a proof file: its first line is ${HEADER}`);
  const entry = lines[0]?.startsWith("extra ") ? decoded((lines.shift() as string).slice("extra ".length)) : new Uint8Array(0);
  const index = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() ?? "");
  if (!index) throw new FormError("the proof has no index line");
  const hashes = lines.map(decoded);
  if (hashes.length > MAX_HASHES || hashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new FormError("the proof's hashes are not 32 bytes each, or too many");
  }
  return {entry, index: BigInt(index[1] as string), hashes, note};
}

async function verifyInclusion(proof: Proof, {size, root}: Checkpoint): Promise<void> {
  if (proof.index >= size) throw new FormError(`leaf ${proof.index} is not in a tree of ${size}`);
  let [first, last] = [proof.index, size - 1n];
  let result = await sha256(joined(LEAF, proof.entry));
  for (const sibling of proof.hashes) {
    if (last === 0n) throw new FormError("the inclusion proof is too long");
    if (first & 1n || first === last) {
      result = await sha256(joined(NODE, sibling, result));
      while (!(first & 1n) && first) [first, last] = [first >> 1n, last >> 1n];
    } else {
      result = await sha256(joined(NODE, result, sibling));
    }
    [first, last] = [first >> 1n, last >> 1n];
  }
  if (last) throw new FormError("the inclusion proof is too short");
  if (!same(result, root)) throw new FormError("the inclusion proof leads to another root");
}

export async function provenEntry(text: string, keys: Key[], origin: string): Promise<{entry: Uint8Array; index: bigint; size: bigint}> {
  const proof = parseProof(text);
  const checkpoint = await openCheckpoint(proof.note, keys, origin);
  await verifyInclusion(proof, checkpoint);
  return {entry: proof.entry, index: proof.index, size: checkpoint.size};
}
