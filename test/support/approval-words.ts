/** Approvers and what they sign, with keys that are made once a test file. */
import { generateKeyPairSync, sign } from "node:crypto";
import { approverKeyOf, type ApproverKey } from "../../src/approval/approver-key.ts";
import type { Approver, FoundApprover } from "../../src/approval/approvers.ts";
import { type Decision, signDecision } from "../../src/approval/decision.ts";
import { signEndorsement } from "../../src/approval/endorsement.ts";
import type { ApproverSigner } from "../../src/approval/signed-record.ts";
import { DIGEST, RUN } from "./delivery-words.ts";

export const DESK = "equity-desk";
export const SIGNED_AT = Date.UTC(2026, 6, 5, 14, 0, 0, 0);
export const AT_ISO = new Date(SIGNED_AT).toISOString();

export type Person = {
  readonly name: string;
  readonly pem: string;
  readonly key: ApproverKey;
  readonly signer: ApproverSigner;
  readonly approver: Approver;
};

export function person(name: string): Person {
  const pair = generateKeyPairSync("ed25519");
  const pem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const key = approverKeyOf(pem);
  if (key === undefined) throw new Error("a key that was just made is one");
  const { fingerprint } = key;
  return {
    name,
    pem,
    key,
    signer: { keyid: fingerprint, sign: (bytes) => sign(null, bytes, pair.privateKey) },
    approver: { name, fingerprint, publicKey: pem },
  };
}

/** The files of somebody whom somebody else endorsed; the same for the first approver. */
export const endorsed = (
  whom: Person,
  by: Person,
  changes: { readonly workspace?: string; readonly name?: string } = {},
) =>
  ({
    name: whom.name,
    publicKey: whom.pem,
    endorsement: signEndorsement(
      { workspace: DESK, name: whom.name, fingerprint: whom.key.fingerprint, at: AT_ISO, ...changes },
      by.signer,
    ),
  }) satisfies FoundApprover;

export const decisionOf = (by: Person, changes: Partial<Omit<Decision, "schema">> = {}): Omit<Decision, "schema"> => ({
  workspace: DESK,
  run: RUN,
  draft: 1,
  digest: DIGEST,
  decision: "approve",
  reason: "",
  approver: by.name,
  at: AT_ISO,
  ...changes,
});

export const signedBy = (by: Person, changes: Partial<Omit<Decision, "schema">> = {}): Uint8Array =>
  signDecision(decisionOf(by, changes), by.signer);
