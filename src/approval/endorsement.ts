/** How one approver vouches for another: name and key, signed. The first approver of a desk vouches for itself. */
import { z } from "zod";
import { isApproverName } from "./approver-key.ts";
import { type ApproverSigner, readRecord, type ReadRecord, signRecord } from "./signed-record.ts";

export const ENDORSEMENT_TYPE = "application/vnd.qoc.endorsement+json";

/** `by`: the fingerprint of the key that signs. */
const Endorsement = z.strictObject({
  schema: z.literal("qoc.endorsement/v1"),
  workspace: z.string().min(1).max(200),
  name: z.string().refine(isApproverName),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  by: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime({ precision: 3 }).refine((at) => at.endsWith("Z")),
});
export type Endorsement = z.infer<typeof Endorsement>;

export const signEndorsement = (endorsement: Omit<Endorsement, "schema" | "by">, signer: ApproverSigner): Uint8Array =>
  signRecord(
    Endorsement.parse({ schema: "qoc.endorsement/v1", by: signer.keyid, ...endorsement }),
    ENDORSEMENT_TYPE,
    signer,
  );

export const readEndorsement = (bytes: Uint8Array): ReadRecord<Endorsement> =>
  readRecord(bytes, ENDORSEMENT_TYPE, Endorsement);
