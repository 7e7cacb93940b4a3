import { describe, expect, test, vi } from "vitest";
import { seal } from "../../../src/evidence/seal.ts";
import { verify } from "../../../src/evidence/verify.ts";
import { placesOf } from "../../support/places.ts";
import { birth, job, observed, signer, transition } from "./support.ts";

vi.mock("../../../src/evidence/platform.ts", async (original) =>
  (await import("./pack/signatures-once.ts")).signaturesOnce(await original()),
);

// The smallest run there is, so that its bytes can be tried one by one.
const entries = [transition(0, "REFUSED", "sealing", [observed("outcome_decided", "refused", birth.request)])];
const sealed = seal(job(entries), signer).bytes;
const accepts = (bytes: Uint8Array): boolean => verify(bytes, { keys: [signer.publicKey] }).ok;

/** The places at which an envelope is still accepted when the byte there is changed. */
function acceptedChanges(change: (byte: number) => number): readonly number[] {
  const bytes = Buffer.from(sealed);
  return placesOf(sealed).filter((place) => {
    const byte = sealed[place] ?? 0;
    bytes[place] = change(byte);
    const accepted = accepts(bytes);
    bytes[place] = byte;
    return accepted;
  });
}

describe("a sealed envelope with one byte changed", () => {
  test("is accepted unchanged", () => {
    expect(accepts(sealed)).toBe(true);
    expect(sealed.length).toBeGreaterThan(5000);
  });

  test.each([
    ["the lowest bit flipped", 0x01],
    ["the case bit flipped", 0x20],
  ])("is accepted nowhere with %s", { timeout: 90_000 }, (_name, mask) => {
    expect(acceptedChanges((byte) => byte ^ mask)).toEqual([]);
  });

  test.each([
    ["deleted", (place: number) => [sealed.subarray(0, place), sealed.subarray(place + 1)]],
    ["doubled", (place: number) => [sealed.subarray(0, place + 1), sealed.subarray(place)]],
  ])("is accepted nowhere with one byte %s", { timeout: 90_000 }, (_name, parts) => {
    expect(placesOf(sealed).filter((place) => accepts(Buffer.concat(parts(place))))).toEqual([]);
  });

  test("is accepted with nothing put before or behind it", () => {
    for (const byte of [0x00, 0x0a, 0x20, 0x7d, 0xef]) {
      expect(accepts(Buffer.concat([sealed, Buffer.of(byte)]))).toBe(false);
      expect(accepts(Buffer.concat([Buffer.of(byte), sealed]))).toBe(false);
    }
  });

  test("is accepted at no shorter length", () => {
    const lengths = Array.from({ length: 200 }, (_, i) => Math.floor((i * sealed.length) / 200));
    expect(lengths.filter((length) => accepts(sealed.subarray(0, length)))).toEqual([]);
  });
});
