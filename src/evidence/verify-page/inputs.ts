/** What a person dropped, sorted by what its bytes are. The name of a file says nothing, save that of an artifact. */
import { isObject, parseIJson } from "../../core/json.ts";
import { EVIDENCE_BOUNDS } from "../../core/limits.ts";
import { readCheckpoint } from "../log/checkpoint.ts";
import { readLeaf } from "../log/leaf.ts";
import { exactBase64, isCosigner, readVkey } from "../log/note.ts";
import { readProof } from "../log/proof.ts";
import { sha256Hex } from "../platform.ts";
import type { VerifyPolicy } from "../verify-policy.ts";

export type Input = { readonly name: string; readonly bytes: Uint8Array };
/** What an input can be taken for. */
export const ROLES = [
  "envelope or pack",
  "public key",
  "receipt",
  "key receipt",
  "checkpoint kept earlier",
  "consistency proof",
  "witness",
  "artifact",
] as const;
export type Role = (typeof ROLES)[number];
export type Sorted = { readonly input: Input; readonly role: Role; readonly text: string };

const SCHEMAS: ReadonlySet<unknown> = new Set(["qoc.evidence/v1", "qoc.public-pack/v1"]);
const HASH_BYTES = 32;
const SHA256 = /^[0-9a-f]{64}$/;

export function sortInput(input: Input): Sorted {
  const text = textOf(input.bytes);
  return { input, role: text === undefined ? "artifact" : roleOf(text), text: text ?? "" };
}

/** Of what came together the key receipts in the order of the log; the verifier takes them oldest first. */
export const inLogOrder = (sorted: readonly Sorted[]): readonly Sorted[] =>
  sorted.toSorted((a, b) => (bothAreKeys(a, b) ? placeIn(a) - placeIn(b) : 0));

const bothAreKeys = (a: Sorted, b: Sorted): boolean => a.role === "key receipt" && b.role === "key receipt";
const placeIn = ({ text }: Sorted): number => readProof(text)?.index ?? 0;

function roleOf(text: string): Role {
  if (text.startsWith("{")) return isDocument(text) ? "envelope or pack" : "artifact";
  if (text.includes("-----BEGIN PUBLIC KEY-----")) return "public key";
  const proof = readProof(text);
  if (proof !== undefined)
    return proof.extra !== undefined && readLeaf(proof.extra)?.kind === "key" ? "key receipt" : "receipt";
  const end = text.indexOf("\n\n");
  if (end !== -1 && readCheckpoint(text.slice(0, end + 1)) !== undefined) return "checkpoint kept earlier";
  const vkey = readVkey(text.trim());
  if (vkey !== undefined && isCosigner(vkey)) return "witness";
  return hashesIn(text) === undefined ? "artifact" : "consistency proof";
}

/** A document whose JSON is spoilt is still meant as one: the verifier says what is wrong with it. */
function isDocument(text: string): boolean {
  const parsed = parseIJson(text, EVIDENCE_BOUNDS);
  if (parsed.kind === "json") return isObject(parsed.value) && SCHEMAS.has(parsed.value.get("schema"));
  return /"schema":"qoc\.(?:evidence|public-pack)\/v1"/.test(text);
}

/** One hash a line, in base64, as witnesses take it (c2sp.org/tlog-witness). */
function hashesIn(text: string): readonly Uint8Array[] | undefined {
  const lines = text.trimEnd().split("\n");
  const hashes = lines.map((line) => exactBase64(line, HASH_BYTES)).filter((hash) => hash !== undefined);
  return hashes.length === lines.length ? hashes : undefined;
}

/** What a person typed; empty for nothing. */
export type Asked = { readonly origin: string; readonly witnessesMin: string };

/** What the inputs make of a reader's policy. Each file may be an artifact besides what it is taken for. */
export function policyOf(sorted: readonly Sorted[], { origin, witnessesMin }: Asked): VerifyPolicy {
  const textsOf = (wanted: Role): readonly string[] =>
    sorted.filter(({ role }) => role === wanted).map(({ text }) => text);
  const artifacts = new Map(sorted.map(({ input }) => [sha256Hex(input.bytes), input.bytes]));
  // A desk keeps an artifact under its hash: one of other bytes is not to pass for one that is not at hand.
  for (const { input, role } of sorted)
    if (role === "artifact" && SHA256.test(input.name)) artifacts.set(input.name, input.bytes);
  const receipt = textsOf("receipt").at(-1);
  const checkpoint = textsOf("checkpoint kept earlier").at(-1);
  const consistency = hashesIn(textsOf("consistency proof").at(-1) ?? "") ?? [];
  return {
    keys: textsOf("public key"),
    keyReceipts: textsOf("key receipt"),
    witnesses: textsOf("witness").map((text) => text.trim()),
    artifact: (sha256) => artifacts.get(sha256),
    ...(receipt === undefined ? {} : { receipt }),
    ...(checkpoint === undefined ? {} : { held: { checkpoint, consistency } }),
    ...(origin === "" ? {} : { origin }),
    ...(/^\d+$/.test(witnessesMin) ? { witnessesMin: Number(witnessesMin) } : {}),
  };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
