import { describe, expect, test } from "vitest";
import { desk, deskOf, problemsOf } from "./load-text.ts";

const evidence = (lines: string): string => desk(`[evidence]\n${lines}`);

describe("what may be public", () => {
  test("is nothing unless it is named", () => {
    expect(deskOf(desk()).evidence).toMatchObject({ public_allowlist: [], public_artifact_kinds: [] });
  });

  test("is what the lists name, as written", () => {
    const text =
      'public_allowlist = ["/subject/kind", "/artifacts/*/bytes"]\npublic_artifact_kinds = ["webhook_headers"]';
    expect(deskOf(evidence(text)).evidence).toMatchObject({
      public_allowlist: ["/subject/kind", "/artifacts/*/bytes"],
      public_artifact_kinds: ["webhook_headers"],
    });
  });

  test("may come from the environment, item by item", () => {
    const loaded = deskOf(evidence('public_allowlist = ["env:LEAF"]'), { env: { LEAF: "/subject/kind" } });
    expect(loaded.evidence.public_allowlist).toEqual(["/subject/kind"]);
  });

  test.each([
    ['public_allowlist = ["subject/kind"]', "evidence.public_allowlist[0]", "must be a JSON Pointer into the envelope"],
    ['public_allowlist = ["/subject/kind", "/"]', "evidence.public_allowlist[1]", "must be a JSON Pointer"],
    ['public_allowlist = ["/Subject"]', "evidence.public_allowlist[0]", "must be a JSON Pointer"],
    ['public_allowlist = "/subject/kind"', "evidence.public_allowlist", "must be a list"],
    [
      'public_artifact_kinds = ["Webhook Headers"]',
      "evidence.public_artifact_kinds[0]",
      "must be the kind of an artifact",
    ],
    ["public_allowlist_fields = []", "evidence.public_allowlist_fields", "is not a key of evidence"],
  ])("is refused as %s", (line, key, says) => {
    expect(problemsOf(evidence(line))).toMatchObject([{ key, says: expect.stringContaining(says) }]);
  });
});
