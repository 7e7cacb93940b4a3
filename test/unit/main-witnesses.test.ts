/** How it stands with the witnesses of a desk, as it is kept for whoever asks while no daemon runs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EvidenceLog } from "../../src/adapters/log-files.ts";
import { readStandings, type Standing } from "../../src/desk/witness-standing.ts";
import { cosignerOf, signNote } from "../../src/evidence/log/note.ts";
import { askingWitnesses } from "../../src/main-witnesses.ts";
import { historyOf, logSigner, WITNESS, witnessKey, witnessVerifier } from "./witness/witness-support.ts";

const history = historyOf("honest", 40, 40);
const textOf = (size: number): string => `${history.note(size).split("\n\n")[0] ?? ""}\n`;
const cosigner = cosignerOf(WITNESS, witnessKey, 7);
const lineOf = (size: number): string => signNote(textOf(size), [cosigner]).slice(textOf(size).length + 1);

let runtime: string;
let size = 0;
let opened: EvidenceLog | undefined;
const complaints: string[] = [];

beforeEach(() => {
  runtime = mkdtempSync(path.join(tmpdir(), "qoc-witnesses-"));
  for (const folder of ["log-state", "evidence/log"]) mkdirSync(path.join(runtime, folder), { recursive: true });
  complaints.length = 0;
});
afterEach(async () => {
  await opened?.close();
  vi.restoreAllMocks();
  rmSync(runtime, { recursive: true });
});

/** Each append makes the log as large as `next` says. */
function desk(next: number): EvidenceLog {
  const log: EvidenceLog = {
    append: () => Promise.resolve([(size = next) - 1]),
    close: () => Promise.resolve(),
    indexOf: () => undefined,
    checkpoint: () => history.note(size),
    proofOf: () => undefined,
    consistency: (old) => history.proof(old, size),
    size: () => size,
    root: () => history.root(size),
    rootAt: history.root,
  };
  const witnesses = [{ url: "http://127.0.0.1:7440", key: witnessVerifier.vkey }];
  opened = askingWitnesses(log, { runtime, witnesses, complain: (says) => complaints.push(says) });
  return opened;
}
const standing = (): Standing | undefined => readStandings(runtime)[0];

test("a contradiction is dated from when it was found first, however often it is told", async () => {
  vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response("", { status: 422 })));
  size = 9;
  desk(9);
  await vi.waitFor(() => expect(standing()?.fault).toBe("contradicts"));
  const first = standing();
  await vi.waitFor(() => expect(complaints).toHaveLength(2), 5_000);
  await opened?.close();
  expect(standing()).toEqual(first);
});

test("what the start found is over when the witness cosigns again", async () => {
  writeFileSync(path.join(runtime, "evidence", "log", "witnessed"), signNote(textOf(9), [logSigner, cosigner]));
  vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response(lineOf(12))));
  size = 7;
  const log = desk(12);
  await vi.waitFor(() => expect(standing()?.fault).toBe("contradicts"));
  await log.append([]);
  await vi.waitFor(() => expect(standing()?.fault).toBe("none"), 5_000);
  expect(complaints).toEqual(["A WITNESS CONTRADICTS THE EVIDENCE LOG", "a witness cosigns again"]);
});
