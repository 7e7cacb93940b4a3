import { describe, expect, test, vi } from "vitest";
import { acceptedAt, pack } from "./small-pack.ts";

vi.mock("../../../../src/evidence/platform.ts", async (original) =>
  (await import("./signatures-once.ts")).signaturesOnce(await original()),
);

function flipped(place: number, mask: number): Uint8Array {
  const bytes = Buffer.from(pack);
  bytes[place] = (bytes[place] ?? 0) ^ mask;
  return bytes;
}

describe("a logged pack of a few kilobytes", () => {
  test("is accepted nowhere with a bit of one byte flipped", { timeout: 120_000 }, () => {
    // The lowest bit, and in every other byte the one that makes a small letter of a capital.
    expect(acceptedAt((place) => flipped(place, place % 2 === 0 ? 0x01 : 0x20))).toEqual([]);
  });
});
