/**
 * A delivery as it was received, beside what was made of it, for a page that shows both. All of it is the sender's word: it goes out as
 * texts and lists, and no name that a sender chose becomes a key.
 */
import { z } from "zod";
import { factsOf, firstTold } from "../core/delivery-journal.ts";
import type { DeliveryInput } from "../core/delivery.ts";
import type { ArtifactRef } from "../core/observation.ts";
import type { Entry } from "../engine/ports.ts";
import type { StoreReads } from "./control-target.ts";
import type { DeliveryShown } from "./shapes/run-page.ts";
import type { Field } from "./shapes/values.ts";

/** Of a larger body the beginning is shown; `qoc artifact cat` prints the whole. */
export const BODY_SHOWN_BYTES_MAX = 256 * 1024;
const HEADERS_BYTES_MAX = 256 * 1024;
const FACT_DEPTH_MAX = 4;

type Artifact = StoreReads["artifact"];

export const deliveryShown = (
  { request, headers, filtered }: DeliveryInput,
  journal: readonly Entry[],
  artifact: Artifact,
): DeliveryShown => ({
  headers: headersIn(artifact(headers.sha256, HEADERS_BYTES_MAX + 1)),
  body: bodyShown(request, artifact, filtered !== undefined),
  facts: factFields(journal),
  signature: signatureIn(journal),
});

const HeadersKept = z.array(z.object({ name: z.string(), value: z.string() }));

/** None where they are gone, or are not what was written. */
function headersIn(bytes: Uint8Array | undefined): readonly Field[] {
  const text = bytes === undefined || bytes.length > HEADERS_BYTES_MAX ? null : textOf(bytes);
  if (text === null) return [];
  try {
    return (HeadersKept.safeParse(JSON.parse(text)).data ?? []).map(({ name, value }) => [name, value]);
  } catch {
    return [];
  }
}

function bodyShown(ref: ArtifactRef, artifact: Artifact, filtered: boolean): DeliveryShown["body"] {
  const { sha256, media_type, bytes } = ref;
  const found = artifact(sha256, BODY_SHOWN_BYTES_MAX);
  const cut = bytes > BODY_SHOWN_BYTES_MAX;
  const text = found === undefined ? null : textOf(found, cut);
  const because =
    text !== null
      ? null
      : found === undefined
        ? "These bytes are not kept any more."
        : "These bytes are no UTF-8 text.";
  return { sha256, media_type, bytes, text, cut: cut && text !== null, because, filtered };
}

/** @param cut whether the last character may be halved */
function textOf(bytes: Uint8Array, cut = false): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

/** What is absent is left out. A fact of several parts has one line for each: `order.kind`, `order.mark`. */
export function factFields(journal: readonly Entry[]): readonly Field[] {
  const facts: unknown = factsOf(journal);
  return fieldsOf("", facts, FACT_DEPTH_MAX);
}

function fieldsOf(name: string, value: unknown, depth: number): readonly Field[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return [[name, value]];
  if (typeof value !== "object") return [[name, JSON.stringify(value)]];
  if (depth === 0) return [[name, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, each]) =>
    fieldsOf(name === "" ? key : `${name}.${key}`, each, depth - 1),
  );
}

function signatureIn(journal: readonly Entry[]): DeliveryShown["signature"] {
  const verified = firstTold(journal, "VERIFIED");
  if (verified !== undefined) {
    const { scheme, secret_index } = verified;
    const secret = secret_index + 1;
    const says = `The signature of these bytes was verified by the rules of ${scheme}, with secret ${secret} of the webhook.`;
    return { verified: true, scheme, secret, says };
  }
  const refused = firstTold(journal, "REFUSED");
  const says =
    refused === undefined
      ? "Nothing was written of its signature yet."
      : `The signature was refused: ${refused.code}. Nothing was done for this delivery.`;
  return { verified: false, scheme: null, secret: null, says };
}
