import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sealedDocuments } from "../../../src/cli/sealed-documents.ts";
import { amendmentIdOf } from "../../../src/evidence/amendment.ts";
import type { NumberedLeaf } from "../../../src/evidence/log/audit.ts";
import { sealOf } from "../adapters/log-support.ts";

const BASE = "01980000-0000-7000-8000-000000000001";
const idOf = (ordinal: number): string => (ordinal === 0 ? BASE : amendmentIdOf(BASE, ordinal));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "qoc-sealed-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes an envelope (0) or its amendment of this ordinal. */
function put(ordinal: number): string {
  const file = path.join(folder, `${idOf(ordinal)}.json`);
  const document = {
    evidence_id: idOf(ordinal),
    amends: ordinal === 0 ? null : { evidence_id: BASE },
    generated_at: "2026-07-05T13:45:01.190Z",
    artifacts: [],
    observations: [],
    integrity: { seal_hash: sealOf(ordinal) },
  };
  writeFileSync(file, JSON.stringify(document));
  return file;
}
/** The envelope's leaf and, behind a stranger's, those of so many amendments. */
const leaves = (amendments: number): readonly NumberedLeaf[] => [
  { index: 0, leaf: { kind: "seal", seal: sealOf(0) } },
  { index: 1, leaf: { kind: "seal", seal: sealOf(99) } },
  ...Array.from({ length: amendments }, (_, at): NumberedLeaf => ({
    index: at + 2,
    leaf: { kind: "amendment", seal: sealOf(at + 1), of: 0 },
  })),
];
const shown = (file: string, logged: readonly NumberedLeaf[]): readonly unknown[] =>
  (sealedDocuments(file, logged) ?? []).map(({ ordinal, index }) => [ordinal, index]);

test("an envelope stands with its amendments in their order, from whichever it is asked", () => {
  const files = [0, 1, 2].map(put);
  for (const file of files)
    expect(shown(file, leaves(2))).toEqual([
      [0, 0],
      [1, 2],
      [2, 3],
    ]);
});

test("what nobody logged shows, and what the log names and nobody has", () => {
  const file = put(0);
  put(1);
  expect(shown(file, leaves(0))).toEqual([
    [0, 0],
    [1, null],
  ]);
  rmSync(path.join(folder, `${idOf(1)}.json`));
  expect(shown(file, leaves(1))).toEqual([
    [0, 0],
    [null, 2],
  ]);
});

test("an amendment is not missing because the one before it is", () => {
  const [file = ""] = [0, 1, 2].map(put);
  rmSync(path.join(folder, `${idOf(1)}.json`));
  const expected = [
    [0, 0],
    [2, 3],
    [null, 2],
  ];
  expect(shown(file, leaves(2))).toEqual(expected);
  expect(shown(path.join(folder, `${idOf(2)}.json`), leaves(2))).toEqual(expected);
});
