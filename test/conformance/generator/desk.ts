/** The desk that all cases are of: its keys, whose seeds are one byte repeated, and its envelopes. Nothing here is random. */
import { createHmac, createPublicKey, type KeyObject } from "node:crypto";
import { evidenceIdOf } from "../../../src/core/ids.ts";
import { signerOf } from "../../../src/evidence/keys.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { keyOf } from "../../unit/evidence/log/note-vectors.ts";
import { birth, job, looseOf } from "../../unit/evidence/support.ts";
import { readCase } from "./case.ts";

export const ORIGIN = "localhost/equity-desk";
export const LOG = `${ORIGIN}/log`;

export type DeskKey = ReturnType<typeof signerOf> & { readonly private: KeyObject; readonly pem: string };
export function deskKey(byte: number): DeskKey {
  const key = keyOf(byte);
  return {
    ...signerOf(String(key.export({ format: "pem", type: "pkcs8" }))),
    private: key,
    pem: String(createPublicKey(key).export({ format: "pem", type: "spki" })),
  };
}

/** The desk's three keys, each authorised by the one before it, and one of a stranger. */
export const first = deskKey(7);
export const second = deskKey(8);
export const third = deskKey(9);
export const stranger = deskKey(66);

const sealedBy = (key: DeskKey, number: number): Uint8Array =>
  seal(
    {
      ...job(),
      birth: {
        ...birth,
        evidence_id: evidenceIdOf(`01980000-0000-7000-8000-00000000000${number}`),
        disclosure_key: Buffer.alloc(32, number).toString("base64url"),
      },
    },
    key,
  ).bytes;

/** Of a webhook that masks before it stores. */
const filtered = seal(
  {
    ...job(),
    birth: {
      ...birth,
      filtered: {
        redactions: [
          { rule_id: "mail", path: "/body/account/owner", match_type: "email", match_count: 2, masked_len: 34 },
          { rule_id: "agent", path: "/headers/user-agent", match_type: "header", match_count: 1, masked_len: 9 },
        ],
        raw_bytes_committed: "ab".repeat(32),
      },
    },
  },
  first,
).bytes;

const named = (name: string): Uint8Array => readCase(`envelopes/${name}.json`);
export const envelopes = {
  inbox: named("inbox"),
  commit: named("commit"),
  refused: named("refused"),
  redelivered: named("redelivered"),
  amendment1: named("amendment-1"),
  amendment2: named("amendment-2"),
  filtered,
  bySecond: sealedBy(second, 2),
  byThird: sealedBy(third, 3),
};

export const sealHashOf = (envelope: Uint8Array): string => looseOf(envelope).integrity.seal_hash;

/** What stands in the log for a delivery before anything else of it does. */
export const markOf = (envelope: Uint8Array): string => {
  const { evidence_id, integrity } = looseOf(envelope);
  return createHmac("sha256", Buffer.from(integrity.disclosure_key, "base64url"))
    .update(`qoc.evidence/v1/received\n${evidence_id}`)
    .digest("hex");
};
