import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as nodePlatform from "../../../../src/evidence/platform.ts";
import * as browserPlatform from "../../../../src/evidence/verify-page/platform.ts";
import { hasEd25519, settled } from "../../../../src/evidence/verify-page/questions.ts";
import { privatePem, signer, signOver } from "../support.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

type Platform = typeof nodePlatform;
const node: Platform = { ...nodePlatform };
const browser: Platform = { ...browserPlatform };

const bytes = fc.uint8Array({ maxLength: 300 });
const texts = fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.string());
const encodings = fc.constantFrom("base64" as const, "base64url" as const);

describe("the platform of a browser", () => {
  test("has what Node's has, and nothing else", () => {
    expect(Object.keys(browser).toSorted()).toEqual(Object.keys(node).toSorted());
  });

  test("gives the same of any bytes", () => {
    const functions = ["latin1", "hex", "base64", "base64url", "sha256Hex"] as const;
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        for (const name of functions) expect([name, browser[name](a)]).toEqual([name, node[name](a)]);
        expect(browser.areEqual(a, b)).toBe(node.areEqual(a, b));
        expect(browser.areEqual(a, a.slice())).toBe(true);
        for (const [ours, theirs] of [
          [browser.sha256(a), node.sha256(a)],
          [browser.shake256(a, b.length + 1), node.shake256(a, b.length + 1)],
          [browser.hmacSha256(a, b), node.hmacSha256(a, b)],
          [browser.concat(a, b, a), node.concat(a, b, a)],
        ] as const)
          expect(node.hex(ours)).toBe(node.hex(theirs));
      }),
    );
    const long = new Uint8Array(100_000).map((_, at) => at);
    expect(browser.base64(long)).toBe(node.base64(long));
  });

  test("gives the same of any text", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(node.hex(browser.utf8(text))).toBe(node.hex(node.utf8(text)));
        expect(browser.sha256Hex(text)).toBe(node.sha256Hex(text));
        expect(browser.sha256Base64url(text)).toBe(node.sha256Base64url(text));
      }),
    );
  });

  test("takes the same texts for exact base64, and the same bytes from them", () => {
    const spelt = fc.oneof(
      texts,
      bytes.map((some) => node.base64(some)),
      bytes.map((some) => `${node.base64url(some)}=`),
      bytes.map((some) => node.base64url(some)),
      bytes.map((some) => ` ${node.base64(some)}`),
    );
    const exact = (platform: Platform, text: string, encoding: "base64" | "base64url"): string | undefined => {
      const found = platform.decode(text, encoding);
      return platform[encoding](found) === text ? platform.hex(found) : undefined;
    };
    fc.assert(
      fc.property(spelt, encodings, (text, encoding) => {
        expect(exact(browser, text, encoding)).toBe(exact(node, text, encoding));
      }),
    );
    for (const [text, encoding] of [
      ["YQ==", "base64"],
      ["YQ", "base64url"],
    ] as const)
      expect(exact(browser, text, encoding)).toBe("61");
    for (const text of ["YQ", "YR==", "YQ==\n", "Y Q=="]) expect(exact(browser, text, "base64")).toBeUndefined();
  });

  test("signs nothing", () => expect(() => browser.ed25519Signer(privatePem)).toThrow("signs nothing"));
});

describe("questions to WebCrypto", () => {
  const message = Buffer.from("message");
  const good = signOver(message);
  const verifies = browser.ed25519Verifier(signer.publicKey);

  test("are answered as Node answers them, once all are asked", async () => {
    expect(await hasEd25519()).toBe(true);
    expect(verifies(message, good)).toBe(false);
    const asked = [good, signOver(Buffer.from("other")), good.subarray(1), new Uint8Array(64), new Uint8Array()];
    const told = await settled(() => asked.map((signature) => verifies(message, signature)));
    expect(told).toEqual(asked.map((signature) => node.ed25519Verifier(signer.publicKey)(message, signature)));
    expect(told).toEqual([true, false, false, false, false]);
  });

  test("may depend on one another", async () => {
    const second = signOver(Buffer.from("second"));
    const both = (): boolean => verifies(message, good) && verifies(Buffer.from("second"), second);
    expect(await settled(both)).toBe(true);
  });

  test("have an end", async () => {
    let n = 0;
    const endless = (): boolean => verifies(Buffer.from(`${(n += 1)}`), good);
    await expect(settled(endless)).rejects.toThrow("do not come to an end");
  });

  test("of a key that is no point are answered with no", async () => {
    const none = browser.ed25519Verifier(new Uint8Array(32).fill(0xff));
    expect(await settled(() => none(message, good))).toBe(false);
  });
});
