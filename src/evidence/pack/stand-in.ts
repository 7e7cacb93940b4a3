/**
 * An envelope as the reader of a pack knows it, so that the checks of an envelope can be made on a pack. Each closed leaf has a stand-in
 * of the right form there, so only checks of leaves that are always open may read it.
 */
import { isObject, type IJsonObject, type IJsonValue } from "../../core/json.ts";
import { readEnvelope, type Envelope } from "../envelope.ts";
import { base64url } from "../platform.ts";
import { Misshapen } from "../shape.ts";
import { wholeOf, type Node } from "./rebuild.ts";

/** What an envelope's `integrity` holds besides what can be told from these. */
export type Core = {
  readonly hash_chain: IJsonValue;
  readonly seal: IJsonObject;
  readonly seal_hash: string;
  readonly dsse: IJsonValue;
};

export type Restored =
  | { readonly kind: "envelope"; readonly tree: IJsonObject; readonly envelope: Envelope }
  | { readonly kind: "misshapen"; readonly code: Misshapen["code"]; readonly at: string };

/** The document and the core as one envelope, judged by the form of envelopes. */
export function restore(grown: Node, { hash_chain, seal, seal_hash, dsse }: Core): Restored {
  const whole = wholeOf(grown, (pointer) => standInFor(pointer, seal));
  const integrity = new Map<string, IJsonValue>([
    ["canonicalization", "rfc8785-jcs"],
    ["hash", "sha-256"],
    ["hash_chain", hash_chain],
    ["head_entry_hash", seal.get("head_entry_hash") ?? ""],
    ["seal", seal],
    ["seal_hash", seal_hash],
    ["dsse", dsse],
    ["disclosure_key", base64url(new Uint8Array(32))],
  ]);
  if (!isObject(whole) || whole.has("integrity")) return { kind: "misshapen", code: "SHAPE_INVALID", at: "" };
  const tree = new Map([...whole, ["integrity", integrity] as const]);
  try {
    return { kind: "envelope", tree, envelope: readEnvelope(tree, "") };
  } catch (thrown) {
    if (thrown instanceof Misshapen) return { kind: "misshapen", code: thrown.code, at: thrown.at };
    throw thrown;
  }
}

const HASH = "0".repeat(64);
const STAND_INS: ReadonlyMap<string, IJsonValue> = new Map<string, IJsonValue>([
  ["bytes", 0],
  ["match_count", 0],
  ["masked_len", 0],
  ["sha256", HASH],
  ["definition_sha256", HASH],
  ["timestamp", "1970-01-01T00:00:00.000Z"],
  ["action", "inbox"],
  ["class", "internal"],
]);
/** A list is a leaf when it is empty. */
const LISTS =
  /^\/(?:artifacts|observations|redactions|subject\/meta|runner_context\/toolchain|execution\/steps|artifacts\/[0-9]+\/location_hints|observations\/[0-9]+\/basis_artifact_ids|execution\/steps\/[0-9]+\/artifact_ids)$/;

function standInFor(pointer: string, seal: IJsonObject): IJsonValue {
  if (pointer === "/generated_at") return seal.get("sealed_at") ?? "";
  if (pointer === "/intent/trigger/workspace") return workspaceIn(seal.get("origin"));
  if (pointer === "/intent/trigger/kind") return "webhook";
  if (pointer === "/amends") return null;
  if (LISTS.test(pointer)) return [];
  if (pointer.startsWith("/observations/")) return "";
  return STAND_INS.get(pointer.slice(pointer.lastIndexOf("/") + 1)) ?? "";
}

/** The end of the origin, which is all that a closed workspace could be. */
const workspaceIn = (origin: IJsonValue | undefined): string =>
  typeof origin === "string" ? origin.slice(origin.indexOf("/") + 1) : "";
