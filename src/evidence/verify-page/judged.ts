/** One verdict on an envelope or a pack, with what can be shown of it. */
import { atPointer, isArray, isObject, parseIJson, type IJsonValue } from "../../core/json.ts";
import { EVIDENCE_BOUNDS } from "../../core/limits.ts";
import { leavesOf } from "../leaves.ts";
import { isPack, verifyPack } from "../pack/verify-pack.ts";
import { verify, type Verdict, type VerifyPolicy } from "../verify.ts";

/** `value` is canonical JSON, undefined for a leaf that is closed; `rule` says why it is. */
export type Row = { readonly pointer: string; readonly value: string | undefined; readonly rule: string | undefined };

export type Judged = Omit<Verdict, "document"> & {
  readonly kind: "envelope" | "pack";
  readonly closed: number;
  readonly erased: number;
  /** Every leaf that is shown or closed, none of a file that could not be read. */
  readonly rows: readonly Row[];
};

export function judge(bytes: Uint8Array, policy: VerifyPolicy): Judged {
  const parsed = parseIJson(bytes, EVIDENCE_BOUNDS);
  const tree = parsed.kind === "json" ? parsed.value : null;
  if (isPack(bytes)) {
    const verdict = verifyPack(bytes, policy);
    const rows = verdict.shown === null ? [] : [...rowsOf(verdict.shown), ...closedIn(tree)];
    return { ...verdict, kind: "pack", rows: rows.toSorted(byPointer) };
  }
  const { document, ...verdict } = verify(bytes, policy);
  const said = isObject(tree) ? new Map([...tree].filter(([name]) => name !== "integrity")) : new Map();
  return { ...verdict, kind: "envelope", closed: 0, erased: 0, rows: document === null ? [] : rowsOf(said) };
}

const byPointer = (a: Row, b: Row): number => (a.pointer < b.pointer ? -1 : 1);

/** An item that stands for closed ones is an empty object, which is no leaf of any document. */
const rowsOf = (shown: IJsonValue): readonly Row[] =>
  [...leavesOf(shown)].flatMap(([pointer, value]) => (value === "{}" ? [] : [{ pointer, value, rule: undefined }]));

function closedIn(pack: IJsonValue): readonly Row[] {
  const receipts = atPointer(pack, "/redactions");
  return (isArray(receipts) ? receipts : []).map((receipt) => ({
    pointer: textAt(receipt, "/path"),
    value: undefined,
    rule: textAt(receipt, "/rule_id"),
  }));
}

function textAt(value: IJsonValue, pointer: string): string {
  const found = atPointer(value, pointer);
  return typeof found === "string" ? found : "";
}
