import { describe, expect, test } from "vitest";
import { providers } from "../../../src/providers/index.ts";
import { foundIn, goldenRows, octokitRows, sharedPayloads, writeGolden, writesGolden } from "../../support/golden.ts";

if (sharedPayloads === undefined) process.stdout.write("skipped: golden rows of real payloads, not on this machine\n");

describe.each(Object.values(providers).filter(({ name }) => name !== "qoc"))("$name finds", (provider) => {
  if (writesGolden(provider.name)) writeGolden(provider);
  const rows = goldenRows(provider.name);
  const rowsHere = rows.filter(({ body }) => body !== undefined);

  test("something in a table of its own", () => {
    expect(rowsHere.length).toBeGreaterThan(0);
  });

  test("what a person has said it is to find, in every row", () => {
    expect(rows.filter(({ facts }) => facts === undefined).map(({ name }) => name)).toEqual([]);
  });

  test.each(rowsHere.map((row) => [row.name, row] as const))("what stands in %s", (_name, row) => {
    expect(foundIn(provider, row)).toEqual(row.facts);
  });
});

test("every example of @octokit/webhooks-examples has a row, under the event that it is sent as", () => {
  const rows = new Map(goldenRows("github").map(({ name, headers }) => [name, headers["x-github-event"]]));
  const wrong = [...octokitRows].filter(([name, { event }]) => rows.get(name) !== event);
  expect(wrong.map(([name]) => name)).toEqual([]);
  expect(octokitRows.size).toBeGreaterThan(300);
});
