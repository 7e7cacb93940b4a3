/** The cases as they lie on the disk, and what has to be said of each. */
import { readdirSync } from "node:fs";
import { CONFORMANCE, readCase, type Expectations } from "./generator/case.ts";
import type { Policy } from "./generator/policies.ts";
import type { Asked } from "./second.ts";

export const expectations: Expectations = JSON.parse(Buffer.from(readCase("codes.json")).toString());

/** Named by their path without its ending. */
export const casesIn = (folder: "envelopes" | "packs" | "policies"): readonly Asked[] =>
  readdirSync(`${CONFORMANCE}${folder}`).map((file) => ({
    name: `${folder}/${file.replace(/\.json$/, "")}`,
    bytes: readCase(`${folder}/${file}`),
  }));

export const logNames = (): readonly string[] => readdirSync(`${CONFORMANCE}logs`).map((name) => `logs/${name}`);

export const readPolicy = (bytes: Uint8Array): Policy => JSON.parse(Buffer.from(bytes).toString());
