import { expect, test } from "vitest";
import { systemEntropy } from "../../src/adapters/entropy.ts";
import { seededEntropy } from "../support/seeded-entropy.ts";
import { entropyContract } from "./entropy.contract.ts";

entropyContract("the system's entropy", () => systemEntropy);
entropyContract("seeded entropy", () => seededEntropy(1));

test("seeded entropy is the same for the same seed, and another for another", () => {
  expect(seededEntropy(7).bytes(64)).toEqual(seededEntropy(7).bytes(64));
  expect(seededEntropy(7).bytes(64)).not.toEqual(seededEntropy(8).bytes(64));
});
