import { createHash, verify } from "node:crypto";
import canonicalize from "canonicalize";
import { describe, expect, test } from "vitest";
import { preAuthEncoding } from "../../../src/evidence/dsse.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { job, looseOf, publicKey, signer } from "./support.ts";

const { integrity, evidence_id } = looseOf(seal(job(), signer).bytes);
const { payload, payloadType, signatures } = integrity.dsse;
const body = Buffer.from(payload, "base64");

describe("the signature of a sealed run", () => {
  test("verifies over DSSE's encoding as the protocol writes it", () => {
    const signed = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${body.length} `), body]);
    const [{ sig }] = signatures;
    expect(payloadType).toBe("application/vnd.in-toto+json");
    expect(verify(null, signed, publicKey, Buffer.from(sig, "base64"))).toBe(true);
    signed[signed.length - 1] = 0x20;
    expect(verify(null, signed, publicKey, Buffer.from(sig, "base64"))).toBe(false);
  });

  test("is one, by the key whose raw bytes hash to its id", () => {
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    expect(signatures.map(({ keyid }: { keyid: string }) => keyid)).toEqual([
      createHash("sha256").update(raw).digest("hex"),
    ]);
  });

  test("is over an in-toto statement about the seal", () => {
    const statement = JSON.parse(body.toString());
    expect(statement).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: `urn:qoc:evidence:${evidence_id}`, digest: { sha256: integrity.seal_hash } }],
      predicateType: "urn:qoc:evidence:v1",
      predicate: { seal: integrity.seal, hash_chain: integrity.hash_chain },
    });
    expect(body.toString()).toBe(canonicalize(statement));
  });
});

describe("preAuthEncoding", () => {
  test("counts bytes, not characters", () => {
    const encoded = Buffer.from(preAuthEncoding(Buffer.from("é€")));
    expect(encoded.toString()).toBe("DSSEv1 28 application/vnd.in-toto+json 5 é€");
  });
});
