import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressKey,
  behind,
  dueKey,
  hitKey,
  hitOf,
  hitValue,
  number8,
  numberOf8,
  packAddress,
  rowPrefix,
  unpackAddress,
} from "../../../src/adapters/store-lmdb-keys.ts";
import { addressOf } from "../../../src/core/ids.ts";
import { delivery, subject, timerOf } from "../../support/store-changes.ts";

fc.configureGlobal({ seed: 1 });

const anyNumber = fc.double({ min: 0, noNaN: true });
const anyAddress = fc.oneof(
  fc.uuid().map((uuid) => addressOf(`delivery/${uuid}`)),
  fc
    .array(fc.nat({ max: 0xffff }), { minLength: 1, maxLength: 300 })
    .map((units) => subject(String.fromCharCode(...units))),
);

describe("a number in a key", () => {
  test("sorts as the number does", () => {
    const sortsAlike = fc.property(anyNumber, anyNumber, (a, b) => {
      expect(Buffer.compare(number8(a), number8(b))).toBe(Math.sign(a - b) + 0);
    });
    fc.assert(sortsAlike);
  });

  test("comes back", () => {
    const comesBack = fc.property(anyNumber, (number) => {
      expect(numberOf8(number8(number))).toBe(number + 0);
    });
    fc.assert(comesBack);
  });

  test("is not negative", () => {
    expect(() => number8(-1)).toThrow("not negative");
  });
});

describe("an address", () => {
  test("comes back from its packed form", () => {
    const comesBack = fc.property(anyAddress, (address) => {
      expect(unpackAddress(packAddress(address))).toBe(address);
    });
    fc.assert(comesBack);
  });

  test("of a delivery takes 17 bytes", () => {
    expect(packAddress(delivery(1))).toHaveLength(17);
  });

  test.each([
    ["in upper case", "delivery/0000000A-0000-8000-8000-000000000001"],
    ["with something behind it", "delivery/0000000a-0000-8000-8000-000000000001x"],
    ["of another machine", "subject/0000000a-0000-8000-8000-000000000001"],
  ])("with a UUID %s is kept as it is written", (_, text) => {
    expect(unpackAddress(packAddress(addressOf(text)))).toBe(text);
  });

  test("has a key of its own, of at most 21 bytes", () => {
    const distinct = fc.property(anyAddress, anyAddress, (a, b) => {
      expect(addressKey(a).length).toBeLessThanOrEqual(21);
      expect(addressKey(a).equals(addressKey(b))).toBe(a === b);
    });
    fc.assert(distinct);
  });
});

describe("a row's key", () => {
  test("gives the hit back", () => {
    const givesBack = fc.property(anyAddress, fc.nat(), (address, at) => {
      const key = hitKey(rowPrefix({ name: "webhook", key: "k" }), { at, address });
      expect(hitOf(key, hitValue(address))).toEqual({ at, address });
    });
    fc.assert(givesBack);
  });

  test("keeps names and keys apart, whatever they hold", () => {
    expect(rowPrefix({ name: "body", key: "a" })).not.toEqual(rowPrefix({ name: "subject", key: "a" }));
  });

  test("of a timer does not depend on its generation, so that a renewed timer takes its place", () => {
    expect(dueKey(delivery(1), timerOf("t", 5, 1))).toEqual(dueKey(delivery(1), timerOf("t", 5, 2)));
    expect(dueKey(delivery(1), timerOf("t", 5))).not.toEqual(dueKey(delivery(1), timerOf("u", 5)));
  });
});

test("the key behind a prefix comes after all that begin with it, and before the next", () => {
  expect(behind(Buffer.from([1, 2]))).toEqual(Buffer.from([1, 3]));
  expect(behind(Buffer.from([1, 255]))).toEqual(Buffer.from([2, 0]));
  expect(Buffer.compare(behind(Buffer.from([255, 255])), Buffer.from([255, 255, 254]))).toBe(1);
});
