/** The bytes that an actor names: in its journal, and in what it was told and keeps for later. */
import { hash } from "node:crypto";
import { sha256Of, type Sha256 } from "../core/ids.ts";
import type { Json } from "../core/observation.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import type { Finding } from "./findings.ts";

/** Hash and length; wherever a reference stands, it has this form. */
export function artifactsNamed(record: ActorRecord, journal: readonly Entry[]): ReadonlyMap<Sha256, number> {
  const found = new Map<Sha256, number>();
  for (const { event, data } of journal) if (event === "init" || isBringing(data)) gather(data, found);
  gather(record.parked?.birth?.input, found);
  for (const { event } of record.parked?.events ?? []) gather(event, found);
  return found;
}

/** Whether it lists artifacts at all: most entries do not. */
const isBringing = (data: Json): boolean => typeof data === "object" && data !== null && "artifacts" in data;

export function gather(value: unknown, found: Map<Sha256, number>): void {
  if (typeof value !== "object" || value === null) return;
  const { sha256, bytes, media_type } = { sha256: undefined, bytes: undefined, media_type: undefined, ...value };
  if (typeof sha256 === "string" && typeof bytes === "number" && typeof media_type === "string") {
    found.set(sha256Of(sha256), bytes);
    return;
  }
  for (const part of Object.values(value)) gather(part, found);
}

/** Whether what is kept under a name is what the name says. */
export function* checkArtifact(
  sha256: Sha256,
  bytes: number | undefined,
  read: (sha256: Sha256) => Uint8Array | undefined,
  at: string,
): Generator<Finding> {
  const content = read(sha256);
  if (content === undefined) yield { code: "ARTIFACT_MISSING", at, detail: sha256 };
  else if (hash("sha256", content, "hex") !== sha256 || (bytes !== undefined && bytes !== content.length))
    yield { code: "ARTIFACT_CHANGED", at, detail: sha256 };
}
