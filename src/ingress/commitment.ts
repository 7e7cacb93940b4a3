/** Hashes of what a filtered webhook received, under keys: without the key nobody can check a guess at what was masked. */
import { createHmac } from "node:crypto";

const RAW_LABEL = "qoc.evidence/v1/raw\n";

/** What the evidence says of the bytes as received. @param disclosureKey the run's, base64url */
export const rawBytesCommitted = (disclosureKey: string, raw: Uint8Array): string =>
  createHmac("sha256", Buffer.from(disclosureKey, "base64url")).update(RAW_LABEL).update(raw).digest("hex");

const IDENTITY_LABEL = "qoc.identity/v1\n";

/** What stands in the index, and in a run's id, for something that the sender said. @param key the desk's body key */
export const keyedIdentity = (key: Uint8Array, said: string): string =>
  createHmac("sha256", key).update(IDENTITY_LABEL).update(said).digest("hex");
