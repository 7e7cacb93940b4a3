/** What a run that was erased still knows. */
import { describe, expect, test } from "vitest";
import { tombstoneIn } from "../../../src/core/delivery-journal.ts";
import {
  BODY,
  COMMIT,
  conflict,
  contextArrived,
  erase,
  erased,
  nameless,
  OTHER,
} from "../../support/delivery-words.ts";
import { tell, told } from "../../support/machine-given.ts";
import { sealed } from "./delivery-rows.ts";

const gone = told(tell(sealed, erase), erased());

describe("a run that was erased", () => {
  test("keeps a record without the hash of its request", () => {
    expect(gone.kind === "stepped" && JSON.stringify(gone.record.snapshot)).not.toContain(BODY);
  });

  test("drops its journal but for the entry that says so, with what is left of it", () => {
    expect(gone).toMatchObject({
      kind: "stepped",
      forgets: { past: true },
      entries: [{ event: "ERASED", to: "erased" }],
    });
    expect(gone.kind === "stepped" && tombstoneIn(gone.entries)?.mark).toBe("0".repeat(64));
  });

  test.each([nameless, conflict, contextArrived])("keeps nothing of a $type that comes afterwards", (event) => {
    const after = told(tell(sealed, erase, erased()), event);
    expect(after).toMatchObject({ kind: "stepped", forgets: { told: true, past: false }, entries: [{ data: {} }] });
    const words = JSON.stringify(after);
    for (const word of ["d-1", OTHER, COMMIT]) expect(words).not.toContain(word);
  });

  test("counts what comes again", () => {
    const after = told(tell(sealed, erase, erased()), nameless);
    expect(after).toMatchObject({ record: { snapshot: { context: { duplicates: 1 } } } });
  });

  test("counts up from where its journal was", () => {
    const before = tell(sealed, erase).record.sequence;
    expect(gone).toMatchObject({ record: { sequence: before + 1 }, entries: [{ seq: before }] });
  });
});
