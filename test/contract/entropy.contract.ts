import { describe, expect, test } from "vitest";
import type { Entropy } from "../../src/engine/ports.ts";

/** What every `Entropy` promises. */
export function entropyContract(name: string, open: () => Entropy): void {
  describe(`${name} is an Entropy`, () => {
    test.each([0, 1, 16, 32, 33, 1000])("gives %i bytes", (count) => {
      expect(open().bytes(count)).toHaveLength(count);
    });

    test("never gives the same bytes twice", () => {
      const entropy = open();
      const drawn = Array.from({ length: 1000 }, () => Buffer.from(entropy.bytes(16)).toString("hex"));
      expect(new Set(drawn).size).toBe(1000);
    });

    test("uses every value of a byte", () => {
      expect(new Set(open().bytes(10_000)).size).toBe(256);
    });

    test("gives bytes that the caller may write into", () => {
      const entropy = open();
      const first = entropy.bytes(16);
      const copy = Buffer.from(first);
      entropy.bytes(16).fill(0);
      expect(Buffer.compare(first, copy)).toBe(0);
    });
  });
}
