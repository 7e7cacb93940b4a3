/**
 * How far the Sigstore libraries go with our artefacts: they take the DSSE envelopes with the desk's key as a trusted public key. Whoever asks them for
 * certificates, timestamps of an authority or entries of Rekor gets a refusal: we have none of these.
 */
import { createPublicKey } from "node:crypto";
import { crypto, dsse } from "@sigstore/core";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { describe, expect, test } from "vitest";
import { seal } from "../../src/evidence/seal.ts";
import { packOf } from "../unit/evidence/pack/pack-support.ts";
import { job, looseOf, publicKey, publicPem, signer, type Loose } from "../unit/evidence/support.ts";

const { bytes } = seal(job(), signer);
const envelope: Loose = looseOf(bytes).integrity.dsse;
const exported: Loose = looseOf(packOf(bytes).bytes).export_dsse;
const stranger = createPublicKey({
  key: { kty: "OKP", crv: "Ed25519", x: Buffer.alloc(32, 1).toString("base64url") },
  format: "jwk",
});

const decoded = (text: string): Buffer => Buffer.from(text, "base64");
const changed = (sent: Loose, change: (copy: Loose) => void): Loose => {
  const copy = structuredClone(sent);
  change(copy);
  return copy;
};
const spoilt = (sent: Loose): Loose =>
  changed(sent, (copy) => {
    const payload = decoded(copy.payload);
    payload[100] = (payload[100] ?? 0) ^ 1;
    copy.payload = payload.toString("base64");
  });

describe.each([
  ["an envelope's statement", envelope],
  ["an exporter's statement", exported],
])("%s", (_name, sent: Loose) => {
  const [{ sig, keyid }] = sent.signatures;
  const encoded = dsse.preAuthEncoding(sent.payloadType, decoded(sent.payload));

  test("verifies with @sigstore/core: its pre-authentication encoding, its Ed25519", () => {
    expect(crypto.verify(encoded, crypto.createPublicKey(publicPem), decoded(sig))).toBe(true);
    expect(crypto.verify(encoded, publicKey, decoded(sig))).toBe(true);
    expect(crypto.verify(encoded, stranger, decoded(sig))).toBe(false);
    const other = dsse.preAuthEncoding(sent.payloadType, decoded(spoilt(sent).payload));
    expect(crypto.verify(other, publicKey, decoded(sig))).toBe(false);
  });

  /** A Sigstore bundle over a public key, as its `toSignedEntity` takes it. */
  const entityOf = (of: Loose): ReturnType<typeof toSignedEntity> =>
    toSignedEntity({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: {
        content: { $case: "publicKey", publicKey: { hint: of.signatures[0].keyid } },
        tlogEntries: [],
        timestampVerificationData: undefined,
      },
      content: {
        $case: "dsseEnvelope",
        dsseEnvelope: {
          payload: decoded(of.payload),
          payloadType: of.payloadType,
          signatures: of.signatures.map((one: Loose) => ({ keyid: one.keyid, sig: decoded(one.sig) })),
        },
      },
    });
  const trusted = (key: typeof publicKey) =>
    toTrustMaterial(
      { mediaType: "", certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] },
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- 7 is Ed25519; its enum is in a package that is not ours to depend on
      { [keyid]: { rawBytes: key.export({ format: "der", type: "spki" }), keyDetails: 7 } },
    );
  const NOTHING_ASKED = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };

  test("verifies with @sigstore/verify, the desk's key being the trusted one", () => {
    const { key } = new Verifier(trusted(publicKey), NOTHING_ASKED).verify(entityOf(sent));
    expect(key.equals(publicKey)).toBe(true);
  });

  test("is refused by it when it was changed, by another key and under another keyid", () => {
    const verifier = new Verifier(trusted(publicKey), NOTHING_ASKED);
    expect(() => verifier.verify(entityOf(spoilt(sent)))).toThrow("signature verification failed");
    expect(() => new Verifier(trusted(stranger), NOTHING_ASKED).verify(entityOf(sent))).toThrow("verification failed");
    const renamed = changed(sent, (copy) => (copy.signatures[0].keyid = "0".repeat(64)));
    expect(() => verifier.verify(entityOf(renamed))).toThrow("key not found");
  });

  test("goes no further: it has no timestamp and no entry of a log that Sigstore knows", () => {
    const ask = (more: object): (() => unknown) => {
      const verifier = new Verifier(trusted(publicKey), { ...NOTHING_ASKED, ...more });
      return () => verifier.verify(entityOf(sent));
    };
    expect(ask({ timestampThreshold: 1 })).toThrow("expected 1 timestamps, got 0");
    expect(ask({ tlogThreshold: 1 })).toThrow("expected 1 tlog entries, got 0");
  });
});

test("@sigstore/core loses the canonical order on a member named toJSON, so its canonicalizer is not ours", async () => {
  const { json } = await import("@sigstore/core");
  expect(json.canonicalize({ z: 1, a: 2 })).toBe('{"a":2,"z":1}');
  expect(json.canonicalize({ z: 1, toJSON: 3, a: 2 })).not.toBe('{"a":2,"toJSON":3,"z":1}');
});
