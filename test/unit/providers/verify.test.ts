import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProviderName, providers } from "../../../src/providers/index.ts";
import { hmacOfBody, type SignatureScheme } from "../../../src/providers/scheme.ts";
import { verify } from "../../../src/providers/verify.ts";
import { flipsOf, judge, rawOf, worldOf } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const SECRET = "your-signing-secret";
const BODY = '{"event":"price_alert","price":420.00,"name":"\u2665"}';
const HEADER = "x-sig";
const plain = hmacOfBody(HEADER, "sha256=");
const mac = (body: Uint8Array | string, secret = SECRET, algorithm = "sha256"): string =>
  createHmac(algorithm, secret).update(body).digest("hex");
const right = `sha256=${mac(BODY)}`;

const judgePlain = (signature: string | readonly string[], secrets: readonly string[] = [SECRET]): number | string =>
  judge({ raw: rawOf(BODY, { [HEADER]: signature }), world: worldOf(secrets) }, [plain]);

describe("one signature over the body", () => {
  test("verifies", () => {
    expect(judgePlain(right)).toBe(0);
  });

  test("verifies with its prefix and its hex in capitals", () => {
    expect(judgePlain(right.toUpperCase())).toBe(0);
  });

  test("says which of several secrets made it, the first of equal ones", () => {
    expect(judgePlain(right, ["new", SECRET, SECRET])).toBe(1);
  });

  test("does not verify without secrets", () => {
    expect(judgePlain(right, [])).toBe("MISMATCH");
  });

  test("does not verify under an empty secret, which everybody knows", () => {
    expect(judgePlain(`sha256=${mac(BODY, "")}`, [""])).toBe("MISMATCH");
  });

  test("an empty secret does not move the index of those behind it", () => {
    expect(judgePlain(right, ["", SECRET])).toBe(1);
  });

  test.each([
    ["empty", "", "MALFORMED"],
    ["without its prefix", mac(BODY), "MALFORMED"],
    ["under another prefix", `sha1=${mac(BODY)}`, "MALFORMED"],
    ["one digit short", right.slice(0, -1), "MALFORMED"],
    ["one byte short", right.slice(0, -2), "MALFORMED"],
    ["one byte long", `${right}00`, "MALFORMED"],
    ["with a digit that is not hex", `${right.slice(0, -1)}g`, "MALFORMED"],
    ["with a digit that becomes hex when it is cut to a byte", `${right.slice(0, -1)}\u0161`, "MALFORMED"],
    ["with a blank in it", `sha256= ${mac(BODY)}`, "MALFORMED"],
    ["twice in one value", `${right}, ${right}`, "MALFORMED"],
    ["in base64", `sha256=${Buffer.from(mac(BODY), "hex").toString("base64")}`, "MALFORMED"],
    ["of 4097 characters", `sha256=${"0".repeat(4090)}`, "MALFORMED"],
    ["over another body", `sha256=${mac("{}")}`, "MISMATCH"],
  ])("that is %s is refused", (_name, signature, fault) => {
    expect(judgePlain(signature)).toBe(fault);
  });

  test("that is missing is refused, other headers or not", () => {
    expect(judge({ raw: rawOf(BODY, { "x-other": right }), world: worldOf([SECRET]) }, [plain])).toBe("NO_SIGNATURE");
  });

  test("that is repeated is refused, though each is right", () => {
    expect(judgePlain([right, right])).toBe("REPEATED");
  });

  test("covers the bytes as written: the same JSON written again fails", () => {
    const again = rawOf(JSON.stringify(JSON.parse(BODY)), { [HEADER]: right });
    expect(judge({ raw: again, world: worldOf([SECRET]) }, [plain])).toBe("MISMATCH");
  });

  test("covers bytes that are no text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        const raw = rawOf(body, { [HEADER]: `sha256=${mac(body)}` });
        expect(judge({ raw, world: worldOf([SECRET]) }, [plain])).toBe(0);
      }),
    );
  });

  test("fails with any one bit of the body, the secret or the signature turned over", () => {
    const attempt = { raw: rawOf(BODY, { [HEADER]: right }), world: worldOf([SECRET]) };
    const taken = [...flipsOf(attempt, plain, [HEADER])].filter(
      (flip) => typeof judge(flip.attempt, [plain]) === "number",
    );
    expect(taken.map(({ says }) => says)).toEqual([]);
  });

  test("in base64 is as strict: padded, and with nothing in the bits that count for nothing", () => {
    const scheme = hmacOfBody(HEADER, "", "base64");
    const base64 = Buffer.from(mac(BODY), "hex").toString("base64");
    const kinds = [
      base64,
      base64.replace("=", ""),
      `${base64} `,
      base64.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`),
      base64.replaceAll("+", "-").replaceAll("/", "_").replace("=", "\u013d"),
    ].map((signature) => judge({ raw: rawOf(BODY, { [HEADER]: signature }), world: worldOf([SECRET]) }, [scheme]));
    expect(kinds).toEqual([0, "MALFORMED", "MALFORMED", "MALFORMED", "MALFORMED"]);
  });

  test.each(["sha1", "sha512"] as const)("may be %s", (algorithm) => {
    const scheme: SignatureScheme = { ...hmacOfBody(HEADER, ""), algorithm };
    const world = worldOf([SECRET]);
    expect(judge({ raw: rawOf(BODY, { [HEADER]: mac(BODY, SECRET, algorithm) }), world }, [scheme])).toBe(0);
    expect(judge({ raw: rawOf(BODY, { [HEADER]: mac(BODY) }), world }, [scheme])).toBe("MALFORMED");
  });
});

describe("a list of signatures", () => {
  const list: SignatureScheme = { ...plain, item_separator: ",", field: "v1" };
  const other = mac(BODY, "old");
  const verdict = (signature: string | readonly string[]): number | string =>
    judge({ raw: rawOf(BODY, { [HEADER]: signature }), world: worldOf(["new", SECRET]) }, [list]);

  test.each([
    ["one of several", `v1=${other},v1=${mac(BODY)}`],
    ["with blanks around its commas, and empty items", `v1=${other} , ,v1=${mac(BODY)},`],
    ["beside one under a name not known", `v0=${mac(BODY)},v2=zz,v1=${mac(BODY)}`],
    ["beside one that cannot be read", `v1=,v1,v1=XXX,v1=${mac(BODY)}`],
    ["under its name in capitals", `V1=${mac(BODY)}`],
    ["at the sixteenth place", `${`v1=${other},`.repeat(15)}v1=${mac(BODY)}`],
  ])("verifies by %s", (_name, signature) => {
    expect(verdict(signature)).toBe(1);
  });

  test("may come in several lines", () => {
    expect(verdict([`v1=${other}`, `v1=${mac(BODY)}`])).toBe(1);
  });

  test.each([
    ["that are all of others", `v1=${other},v1=${other}`, "MISMATCH"],
    ["with the right one under another name", `v1=${other},v0=${mac(BODY)}`, "MISMATCH"],
    ["without any under the scheme's name", `v0=${mac(BODY)}`, "MALFORMED"],
    ["of more than sixteen", `${`v1=${other},`.repeat(16)}v1=${mac(BODY)}`, "MALFORMED"],
    ["of nothing but commas", ",".repeat(4000), "MALFORMED"],
  ])("is refused: one %s", (_name, signature, fault) => {
    expect(verdict(signature)).toBe(fault);
  });
});

describe("several schemes", () => {
  const strong: SignatureScheme = { ...hmacOfBody("x-strong", ""), algorithm: "sha512" };
  const headers = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
      Object.entries({ "x-strong": mac(BODY, SECRET, "sha512"), [HEADER]: right }).filter(([name]) =>
        names.includes(name),
      ),
    );
  const verdict = (sent: Record<string, string>): number | string =>
    judge({ raw: rawOf(BODY, sent), world: worldOf([SECRET]) }, [strong, plain]);

  test.each([[["x-strong"]], [[HEADER]], [["x-strong", HEADER]]])("verify by %j", (names) => {
    expect(verdict(headers(names))).toBe(0);
  });

  test.each([
    ["wrong", mac(BODY, "other", "sha512"), "MISMATCH"],
    ["unreadable", "zz", "MALFORMED"],
    ["empty", "", "MALFORMED"],
  ])("never fall back: a stronger signature that is %s decides against a weaker one that holds", (_n, sent, fault) => {
    expect(verdict({ "x-strong": sent, [HEADER]: right })).toBe(fault);
  });

  test("of GitLab: its token does not stand in for a signature that fails", () => {
    const world = worldOf([`whsec_${Buffer.alloc(32, 7).toString("base64")}`, "t0ken"]);
    const token = { "x-gitlab-token": "t0ken" };
    const signature = { "webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": `v1,${"A".repeat(43)}=` };
    const told = [token, { ...token, ...signature }, { ...token, "webhook-signature": "" }].map((sent) =>
      judge({ raw: rawOf(BODY, sent), world }, providers.gitlab.schemes),
    );
    expect(told).toEqual([1, "MISMATCH", "MALFORMED"]);
  });

  test("of one header are alternatives, and the fault told is that of the one that came furthest", () => {
    const named = (field: string): SignatureScheme => ({ ...plain, field, field_separator: "=" });
    const schemes = [named("a"), named("b")] as const;
    const told = [`a=${mac(BODY)}`, `b=${mac(BODY)}`, `b=${mac("{}")}`, `c=${mac(BODY)}`].map((signature) =>
      judge({ raw: rawOf(BODY, { [HEADER]: signature }), world: worldOf([SECRET]) }, schemes),
    );
    expect(told).toEqual([0, 0, "MISMATCH", "MALFORMED"]);
  });
});

describe("a token", () => {
  const token: SignatureScheme = { ...hmacOfBody(HEADER, ""), algorithm: "token" };
  const verdict = (sent: string, secrets: readonly string[]): number | string =>
    judge({ raw: rawOf(BODY, { [HEADER]: sent }), world: worldOf(secrets) }, [token]);

  test("is the secret itself, and says which", () => {
    expect(verdict("s3cret", ["old", "s3cret"])).toBe(1);
  });

  test("is compared as the bytes on the wire", () => {
    expect(verdict(Buffer.from("gl\u00fcck").toString("latin1"), ["gl\u00fcck"])).toBe(0);
  });

  test.each([["s3cre"], ["s3crets"], ["S3cret"], ["\u0173\u0133cret"]])("that is %j is refused", (sent) => {
    expect(verdict(sent, ["s3cret"])).toMatch(/^(MISMATCH|MALFORMED)$/);
  });

  test("that is empty is refused, an empty secret or not", () => {
    expect(verdict("", [""])).toBe("MALFORMED");
  });
});

describe("a body that was re-encoded on its way", () => {
  test.each([["gzip"], ["identity, br"], ["zstd"]])(
    "as %s is refused before its signature is looked at",
    (encoding) => {
      const raw = rawOf(BODY, { [HEADER]: right, "content-encoding": encoding });
      expect(judge({ raw, world: worldOf([SECRET]) }, [plain])).toBe("REENCODED");
    },
  );

  test.each([["identity"], ["Identity"], [""]])("as %j is as it was", (encoding) => {
    const raw = rawOf(BODY, { [HEADER]: right, "content-encoding": encoding });
    expect(judge({ raw, world: worldOf([SECRET]) }, [plain])).toBe(0);
  });
});

test("a refusal quotes neither the secret nor what was sent", () => {
  const sent = ["zz", `sha256=${mac("other")}`, `sha256=${"0".repeat(5000)}`];
  const details = sent.map((signature) => {
    const verdict = verify(rawOf(BODY, { [HEADER]: signature }), [plain], worldOf([SECRET]));
    return verdict.kind === "unverified" ? verdict.detail : "verified";
  });
  expect(details).toEqual([
    "the signature header holds no readable signature",
    "no secret gives this signature",
    "the signature header is too long",
  ]);
});

test("a provider is known by its own name alone", () => {
  const names = ["qoc", "standard-webhooks", "toString", "__proto__", "Qoc", ""];
  expect(names.map(isProviderName)).toEqual([true, true, false, false, false, false]);
});
