/** What lies in `.qoc/evidence`, by its name: `<evidence_id>.json`, and beside it `.tlog-proof`, `.erased.json`, `.public.json`. */
import { isUuid } from "../core/ids.ts";

/** The id of an envelope or amendment; undefined for the name of anything else. */
export const envelopeNamed = (name: string): string | undefined => idBefore(".json", name);

/** The id of an envelope or amendment of which a pack without openings is left. */
export const erasedNamed = (name: string): string | undefined => idBefore(".erased.json", name);

export const receiptNameOf = (evidenceId: string): string => `${evidenceId}.tlog-proof`;

function idBefore(ending: string, name: string): string | undefined {
  if (!name.endsWith(ending)) return undefined;
  const id = name.slice(0, -ending.length);
  return isUuid(id) ? id : undefined;
}
