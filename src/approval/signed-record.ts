/**
 * A small record that a person's key signed: canonical JSON in a DSSE envelope. There is one text of it: whatever reads as the same record
 * but is written in another way is refused, so no byte can change without the record being another or none.
 */
import { z } from "zod";
import { canonical } from "../core/canonical.ts";
import type { Sha256 } from "../core/ids.ts";
import { parseIJson } from "../core/json.ts";
import type { Json } from "../core/observation.ts";
import { preAuthEncoding, signPayload, type Signed, writeSigned } from "../evidence/dsse.ts";
import { areEqual, decode, utf8 } from "../evidence/platform.ts";
import type { ApproverKey } from "./approver-key.ts";

/** A record is a few hundred bytes; the longest has a reason of a thousand characters. */
export const RECORD_BYTES_MAX = 16 * 1024;

/** Makes the 64 bytes of an Ed25519 signature. `keyid` is the fingerprint of the key. */
export type ApproverSigner = { readonly keyid: Sha256; readonly sign: (bytes: Uint8Array) => Uint8Array };

/** A record as read: nothing is known yet of who signed it. */
export type SignedRecord<T> = { readonly record: T; readonly keyid: string; readonly signed: Signed };
export type ReadRecord<T> =
  | ({ readonly kind: "record" } & SignedRecord<T>)
  | { readonly kind: "malformed"; readonly reason: string };

const Envelope = z.strictObject({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: z.string(), sig: z.string() })]),
});

export const signRecord = (record: Json, payloadType: string, signer: ApproverSigner): Uint8Array =>
  utf8(signPayload(utf8(canonical(record)), payloadType, signer));

export function readRecord<T extends Json>(bytes: Uint8Array, payloadType: string, shape: z.ZodType<T>): ReadRecord<T> {
  if (bytes.length > RECORD_BYTES_MAX) return malformed("it is too long");
  const outer = plain(bytes);
  const envelope = Envelope.safeParse(outer);
  if (!envelope.success) return malformed("it is no DSSE envelope with one signature");
  const [{ keyid, sig }] = envelope.data.signatures;
  const signed: Signed = {
    payload: decode(envelope.data.payload, "base64"),
    payloadType: envelope.data.payloadType,
    keyid,
    sig: decode(sig, "base64"),
  };
  if (signed.payloadType !== payloadType) return malformed(`its payload type is not ${payloadType}`);
  if (!areEqual(utf8(writeSigned(signed)), bytes)) return malformed("it is not written in its one form");
  const record = shape.safeParse(plain(signed.payload));
  if (!record.success) return malformed("its payload is not of the form");
  if (!areEqual(utf8(canonical(record.data)), signed.payload)) return malformed("its payload is not canonical JSON");
  return { kind: "record", record: record.data, keyid, signed };
}

/** Whether this key made the signature, under its own name. */
export const isSignedBy = ({ signed }: Pick<SignedRecord<unknown>, "signed">, key: ApproverKey): boolean =>
  signed.keyid === key.fingerprint && key.verifies(preAuthEncoding(signed.payload, signed.payloadType), signed.sig);

const malformed = (reason: string): { readonly kind: "malformed"; readonly reason: string } => ({
  kind: "malformed",
  reason,
});

/** The JSON of these bytes; undefined for none. Two members of one name are refused. */
function plain(bytes: Uint8Array): unknown {
  const parsed = parseIJson(bytes, { depthMax: 4, valuesMax: 64 });
  return parsed.kind === "json" ? JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) : undefined;
}
