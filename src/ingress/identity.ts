/** Which run a delivery belongs to: derived from what it says and holds, so that a redelivery reaches its run by address. */
import { hash } from "node:crypto";
import type { Facts } from "../core/delivery.ts";
import { runIdOf, type RunId, type Sha256 } from "../core/ids.ts";
import type { Payload } from "../providers/payload.ts";
import { uuidOfDigest } from "./uuid.ts";

/** What makes two deliveries of a webhook the same one. */
export type Dedupe =
  | { readonly kind: "body" }
  | { readonly kind: "id+body" }
  | { readonly kind: "path"; readonly pointer: string };

/** `by` says what the value is, so that an id that looks like a hash is not one. */
export type DedupeKey = { readonly by: "body" | "id" | "path"; readonly value: string };

/** A delivery that has no id, or nothing at the path, is known by its bytes. */
export function dedupeKey(
  dedupe: Dedupe,
  facts: Facts,
  payload: Payload,
  { sha256, sameness }: { readonly sha256: Sha256; readonly sameness: Sha256 },
): DedupeKey {
  const body: DedupeKey = { by: "body", value: sameness };
  switch (dedupe.kind) {
    case "body":
      return body;
    case "id+body":
      return facts.delivery_id === sha256 ? body : { by: "id", value: facts.delivery_id };
    case "path": {
      const value = payload.at(dedupe.pointer);
      return value === null ? body : { by: "path", value };
    }
  }
}

/** JSON keeps the parts apart whatever they hold, and escapes half surrogates, which UTF-8 would make equal. */
export const runIdFor = (workspace: string, webhook: string, { by, value }: DedupeKey): RunId =>
  runIdOf(uuidOfDigest(hash("sha256", JSON.stringify(["qoc.run/v1", workspace, webhook, by, value]), "hex")));

/** The run that begins when a known delivery comes again after its window: derived, so that copies of it meet in one run. */
export const runIdBehind = (previous: RunId): RunId =>
  runIdOf(uuidOfDigest(hash("sha256", JSON.stringify(["qoc.run/v1", "again", previous]), "hex")));

/** @param sameness what copies of one delivery have in common: the hash of its bytes, for most senders; keyed for a filtered webhook */
export const bodyKey = (workspace: string, webhook: string, sameness: string): string =>
  `${workspace}/${webhook}/${sameness}`;
