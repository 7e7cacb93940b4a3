import { describe, expect, test } from "vitest";
import {
  auditLog,
  type AuditedDesk,
  type AuditFinding,
  type LogAudit,
  type NumberedLeaf,
} from "../../../../src/evidence/log/audit.ts";
import type { LogLeaf } from "../../../../src/evidence/log/leaf.ts";

const NOTHING: AuditedDesk = { sealed: [], erased: [], open: [] };
const received = (run: string): LogLeaf => ({ kind: "received", mark: `mark ${run}` });
const seal = (run: string): LogLeaf => ({ kind: "seal", seal: `seal ${run}` });
const amendment = (run: string, of: number): LogLeaf => ({ kind: "amendment", seal: `amendment ${run}`, of });
const erasure = (of: number): LogLeaf => ({ kind: "erasure", of });
const epoch: LogLeaf = { kind: "epoch", epoch: 2, root: "", size: 9 };

const envelope = (run: string) => ({ evidence_id: run, base: run, seal: `seal ${run}`, mark: `mark ${run}` });
const amended = (run: string) => ({ evidence_id: `${run}'`, base: run, seal: `amendment ${run}`, mark: null });
const open = (run: string, ...seals: readonly string[]) => ({ evidence_id: run, mark: `mark ${run}`, seals });
const erased = (run: string) => ({ evidence_id: run, mark: `mark ${run}`, seals: [`seal ${run}`] });

const numbered = (leaves: readonly LogLeaf[]): readonly NumberedLeaf[] =>
  leaves.map((leaf, index) => ({ index, leaf }));
const auditOf = (leaves: readonly LogLeaf[], desk: Partial<AuditedDesk>, size = leaves.length): LogAudit =>
  auditLog(numbered(leaves), size, { ...NOTHING, ...desk });
const found = (...args: Parameters<typeof auditOf>): readonly AuditFinding[] => auditOf(...args).findings;

describe("an audit of a log", () => {
  test("finds that what was received is sealed, open or erased", () => {
    const leaves = [received("a"), received("b"), received("c"), seal("a"), seal("c"), erasure(4), amendment("a", 3)];
    const desk = { sealed: [envelope("a"), amended("a")], open: [open("b")], erased: [erased("c")] };
    expect(auditOf(leaves, desk)).toEqual({
      received: 3,
      sealed: 1,
      open: 1,
      erased: 1,
      left_out: 0,
      from_before: 0,
      amendments: 1,
      findings: [],
    });
  });

  test("names a delivery of which nothing is left but its leaf", () => {
    const audit = auditOf([received("a"), received("b"), seal("b")], { sealed: [envelope("b")] });
    expect(audit).toMatchObject({ received: 2, sealed: 1, open: 0, left_out: 1 });
    expect(audit.findings).toEqual([{ code: "LEFT_OUT", index: 0, about: "mark a" }]);
  });

  test("names the seal of an envelope that was taken away, and its delivery", () => {
    expect(found([received("a"), seal("a")], {})).toEqual([
      { code: "LEFT_OUT", index: 0, about: "mark a" },
      { code: "ENVELOPE_MISSING", index: 1, about: "seal a" },
    ]);
  });

  test("names an amendment that was taken away", () => {
    expect(found([received("a"), seal("a"), amendment("a", 1)], { sealed: [envelope("a")] })).toEqual([
      { code: "ENVELOPE_MISSING", index: 2, about: "amendment a" },
    ]);
  });

  test("names an envelope that nobody logged, and an amendment", () => {
    const sealed = [envelope("a"), amended("b"), envelope("b")];
    expect(found([received("a"), received("b"), seal("b")], { sealed })).toEqual([
      { code: "NOT_LOGGED", index: null, about: "a" },
      { code: "NOT_LOGGED", index: null, about: "b'" },
    ]);
  });

  test("awaits the seal of a run that is under way, whose envelope may be there already", () => {
    const desk = { sealed: [envelope("a"), envelope("b"), amended("b")], open: [open("a"), open("b")] };
    expect(auditOf([received("a"), received("b"), seal("b")], desk)).toMatchObject({
      open: 1,
      sealed: 1,
      findings: [],
    });
  });

  test("misses no file of a run that is being erased", () => {
    expect(found([received("a"), seal("a")], { open: [open("a", "seal a")] })).toEqual([]);
  });

  test("does not take the desk's word for an erasure of which the log knows nothing", () => {
    expect(found([received("a"), seal("a")], { erased: [erased("a")] })).toEqual([
      { code: "ERASURE_UNLOGGED", index: 1, about: "seal a" },
    ]);
    expect(found([], { erased: [erased("a")] })).toMatchObject([{ code: "ERASURE_UNLOGGED", index: null }]);
  });

  test("of a later log asks for nothing that was erased before it began", () => {
    expect(found([epoch], { erased: [erased("a")] })).toEqual([]);
  });

  test("counts what was sealed before there were received leaves", () => {
    const audit = auditOf([seal("a"), received("b"), seal("b")], { sealed: [envelope("a"), envelope("b")] });
    expect(audit).toMatchObject({ received: 1, sealed: 1, from_before: 1, findings: [] });
  });

  test("asks nothing for what was logged after its size was read, and finds the leaf of what was sealed since", () => {
    const leaves = [received("a"), seal("a"), received("b"), seal("b")];
    expect(auditOf(leaves, { sealed: [envelope("a")] }, 2)).toMatchObject({ received: 1, findings: [] });
    expect(found(leaves, { sealed: [envelope("a"), envelope("b")] }, 2)).toEqual([]);
  });
});
