import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RawDelivery } from "../../../src/core/delivery.ts";
import { isProviderName, providers } from "../../../src/providers/index.ts";
import { verify, type SignatureScheme } from "../../../src/providers/provider.ts";
import { keyOf, SAMPLE, SAMPLE_SIGNATURE, SECRET, signatureOf, signed } from "../../support/ingress-desk.ts";

const scheme = providers.qoc.signature;
const sample = `sha256=${SAMPLE_SIGNATURE}`;
const judge = (raw: RawDelivery, secrets = [keyOf(SECRET)]): unknown => {
  const verdict = verify(raw, secrets, scheme);
  return verdict.kind === "refused" ? verdict.code : verdict.secretIndex;
};
const sampleWith = (signature: string): RawDelivery => signed(SAMPLE, { "x-qoc-signature": signature });

describe("a signature", () => {
  test("of the documentation's sample verifies", () => {
    expect(judge(sampleWith(sample))).toBe(0);
  });

  test("verifies with its prefix and its hex in capitals", () => {
    expect(judge(sampleWith(sample.toUpperCase()))).toBe(0);
  });

  test("says which of several secrets made it", () => {
    expect(judge(sampleWith(sample), [keyOf("new"), keyOf(SECRET), keyOf(SECRET)])).toBe(1);
  });

  test("does not verify without secrets", () => {
    expect(judge(sampleWith(sample), [])).toBe("SIGNATURE_INVALID");
  });

  test("does not verify under an empty secret, which everybody knows", () => {
    expect(judge(signed("{}", { "x-qoc-signature": signatureOf("{}", "") }), [new Uint8Array(0)])).toBe(
      "SIGNATURE_INVALID",
    );
  });

  test.each([
    ["missing", undefined],
    ["empty", ""],
    ["without its prefix", SAMPLE_SIGNATURE],
    ["of another prefix", `sha1=${SAMPLE_SIGNATURE}`],
    ["one digit short", sample.slice(0, -1)],
    ["one byte short", sample.slice(0, -2)],
    ["one byte long", `${sample}00`],
    ["with a digit that is not hex", `${sample.slice(0, -1)}g`],
    ["with a blank in it", `sha256= ${SAMPLE_SIGNATURE}`],
    ["with a digit that becomes hex when truncated", `${sample.slice(0, -1)}\u0161`],
    ["twice in one value", `${sample}, ${sample}`],
  ])("that is %s is refused", (_name, signature) => {
    expect(judge(signed(SAMPLE, { "x-qoc-signature": signature }))).toBe("SIGNATURE_INVALID");
  });

  test("that is repeated is refused, though each is right", () => {
    const raw = signed(SAMPLE);
    const headers = new Map([...raw.headers, ["x-qoc-signature", [sample, sample]] as const]);
    expect(judge({ ...raw, headers })).toBe("SIGNATURE_INVALID");
  });

  test("covers the bytes as written: the same JSON written again fails", () => {
    const again = signed(JSON.stringify(JSON.parse(SAMPLE)), { "x-qoc-signature": sample });
    expect(judge(again)).toBe("SIGNATURE_INVALID");
  });

  test("fails for any one bit of the body, the secret or the signature", () => {
    const mac = Buffer.from(SAMPLE_SIGNATURE, "hex");
    fc.assert(
      fc.property(fc.constantFrom("body", "secret", "signature"), fc.nat(), (part, at) => {
        const body = part === "body" ? flipped(Buffer.from(SAMPLE), at) : Buffer.from(SAMPLE);
        const secret = part === "secret" ? flipped(keyOf(SECRET), at) : keyOf(SECRET);
        const sent = (part === "signature" ? flipped(mac, at) : mac).toString("hex");
        expect(judge(signed(body, { "x-qoc-signature": `sha256=${sent}` }), [secret])).toBe("SIGNATURE_INVALID");
      }),
      { seed: 1 },
    );
  });
});

describe("a body that was re-encoded on its way", () => {
  test.each([["gzip"], ["identity, br"], ["zstd"]])(
    "as %s is refused before its signature is looked at",
    (encoding) => {
      expect(judge(signed(SAMPLE, { "content-encoding": encoding }))).toBe("ENCODING_UNSUPPORTED");
    },
  );

  test.each([["identity"], ["Identity"], [""]])("as %j is as it was", (encoding) => {
    expect(judge(signed(SAMPLE, { "content-encoding": encoding }))).toBe(0);
  });
});

test("a provider is known by its own name alone", () => {
  expect(["qoc", "toString", "__proto__", ""].map(isProviderName)).toEqual([true, false, false, false]);
});

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const bit = at % (copy.length * 8);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

type Vector = {
  readonly vector_id: string;
  readonly provider: string;
  readonly algorithm: string;
  readonly encoding: "hex" | "base64";
  readonly signed_content?: string;
  readonly should_verify: boolean;
  readonly expected: string;
  readonly key_hex?: string;
  readonly data_hex?: string;
  readonly secret?: string;
  readonly body?: string;
};
const VECTORS = new URL("../../../../shared/vectors/signatures.json", import.meta.url);

function vectors(): readonly Vector[] {
  try {
    const read: { readonly vectors: readonly Vector[] } = JSON.parse(readFileSync(VECTORS, "utf8"));
    return read.vectors.filter(isOneMacOverTheBody);
  } catch {
    return [];
  }
}

const isOneMacOverTheBody = ({ algorithm, signed_content, body, data_hex }: Vector): boolean =>
  algorithm === "hmac-sha256" && (data_hex !== undefined || (signed_content === "body" && body !== undefined));

const published = vectors();
describe.skipIf(published.length === 0)(`published vectors (skipped when ${VECTORS.pathname} is absent)`, () => {
  test("are found, those of qoc and RFC 4231 among them", () => {
    expect(published.map(({ provider }) => provider)).toEqual(expect.arrayContaining(["qoc", "rfc4231"]));
    expect(published.length).toBeGreaterThan(15);
  });
  test.each(published.map((vector) => [vector.vector_id, vector] as const))("%s", (_id, vector) => {
    const key = vector.key_hex === undefined ? keyOf(vector.secret ?? "") : Buffer.from(vector.key_hex, "hex");
    const body = vector.data_hex === undefined ? Buffer.from(vector.body ?? "") : Buffer.from(vector.data_hex, "hex");
    const verdict = verify(signed(body, { "x-qoc-signature": vector.expected }), [key], {
      ...scheme,
      encoding: vector.encoding,
      prefix: "",
    });
    expect(verdict.kind).toBe(vector.should_verify ? "verified" : "refused");
  });
});

test("a scheme in base64 is as strict as one in hex", () => {
  const base64: SignatureScheme = { ...scheme, encoding: "base64", prefix: "" };
  const right = Buffer.from(SAMPLE_SIGNATURE, "hex").toString("base64");
  const kinds = [
    right,
    right.replace("=", ""),
    `${right} `,
    right.replace(/.=$/, (end) => `${next(end.charAt(0))}=`),
  ].map((signature) => verify(sampleWith(signature), [keyOf(SECRET)], base64).kind);
  expect(kinds).toEqual(["verified", "refused", "refused", "refused"]);
});

/** Another letter for the same bytes: the last one carries two bits that count for nothing. */
const next = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) + 1);
