/** What is left of an erased run: packs that open nothing, which verify all the same. */
import { join } from "node:path";
import type { Json } from "../core/observation.ts";
import { member, textIn } from "../evidence/journal.ts";
import { verifyPack } from "../evidence/pack/verify-pack.ts";
import type { EvidenceWorld } from "./check-evidence.ts";
import type { Finding } from "./findings.ts";
import { bytesOf } from "./small-file.ts";

export function checkErased(
  tombstone: Json,
  { dir, keys }: Pick<EvidenceWorld, "dir" | "keys">,
  files: string[],
  found: (finding: Finding) => void,
): void {
  const seals = member(tombstone, "seals");
  for (const each of isList(seals) ? seals : []) {
    const id = textIn(each, "evidence_id");
    const pack = textIn(each, "pack");
    if (id !== undefined) files.push(id);
    // The envelope was not there any more when its run was erased.
    if (pack === undefined) continue;
    const says = faultOf(join(dir, pack), id, textIn(each, "seal_hash"), keys);
    if (says !== undefined) found({ code: "ERASED_PACK_INVALID", at: pack, detail: says });
  }
}

function faultOf(
  path: string,
  id: string | undefined,
  seal: string | undefined,
  keys: EvidenceWorld["keys"],
): string | undefined {
  const bytes = bytesOf(path);
  if (bytes === undefined) return "it is not there";
  const { codes, evidence_id } = verifyPack(bytes, { keys: keys.map(({ publicKey }) => publicKey) });
  // Its receipt may be of a log that a key signed which came later: that is checked with the log.
  const wrong = codes.filter((code) => !code.startsWith("LOG_PROOF"));
  if (wrong.length > 0) return wrong.join(", ");
  return evidence_id === id && seal !== undefined ? undefined : "it is of another run";
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
