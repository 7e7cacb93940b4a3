/** Packs to test with: exports of the sample run under one policy, and what a forger or the exporter could make of one. */
import canonicalize from "canonicalize";
import { exportPack, type Exported, type Exporter, type ExportPolicy } from "../../../../src/evidence/pack/export.ts";
import { verifyPack } from "../../../../src/evidence/pack/verify-pack.ts";
import type { VerifyCode } from "../../../../src/evidence/verify.ts";
import { birth, looseOf, signer, signOver, type Loose } from "../support.ts";

export const AT = birth.received_at + 60_000;
export const closedPolicy: ExportPolicy = { pointers: [], artifact_kinds: [], allow: [] };
export const exporter: Exporter = { signer, keys: [signer.publicKey], at: AT, tlog_proof: null };
export const keys = [signer.publicKey];

/** An export that was not stopped. */
export function packOf(
  envelope: Uint8Array,
  policy: Partial<ExportPolicy> = {},
  by: Partial<Exporter> = {},
): Extract<Exported, { kind: "pack" }> {
  const exported = exportPack(envelope, { ...closedPolicy, ...policy }, { ...exporter, ...by });
  if (exported.kind !== "pack") throw new Error(JSON.stringify(exported));
  return exported;
}

export const codesOf = (pack: Uint8Array): readonly VerifyCode[] => verifyPack(pack, { keys }).codes;

/** A pack with one thing changed, as its canonical bytes: what anybody can make. */
export function forgedPack(pack: Uint8Array, change: (document: Loose) => void): Uint8Array {
  const document = looseOf(pack);
  change(document);
  return Buffer.from(canonicalize(document) ?? "");
}

export const statementIn = (dsse: Loose): Loose => JSON.parse(Buffer.from(dsse.payload, "base64").toString());

export function signInto(dsse: Loose, statement: unknown): void {
  const payload = Buffer.from(canonicalize(statement) ?? "");
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload]);
  dsse.payload = payload.toString("base64");
  dsse.signatures[0].sig = Buffer.from(signOver(encoded)).toString("base64");
}

/** A pack with one thing changed by the exporter: the export's statement is made to fit, the envelope's is not. */
export const reexported = (pack: Uint8Array, change: (document: Loose) => void): Uint8Array =>
  forgedPack(pack, (document) => {
    change(document);
    const statement = statementIn(document.export_dsse);
    statement.predicate.redactions = document.redactions;
    signInto(document.export_dsse, statement);
  });

export const disclosureOf = (sent: string): Loose => JSON.parse(Buffer.from(sent, "base64url").toString());
export const discloses = (sent: string, pointer: string): boolean => disclosureOf(sent)[1] === pointer;
export const encodeDisclosure = (parts: Loose): string => Buffer.from(canonicalize(parts) ?? "").toString("base64url");
