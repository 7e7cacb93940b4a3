/** From the first byte to the work, or to a wait. */
import {
  asked,
  cancel,
  contextArrived,
  delivered,
  normalized,
  predecessorArrived,
  recorded,
  refused,
  release,
  runOf,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { after, tell } from "../../support/machine-given.ts";
import { agent, gapped, partial, toReporting, toSealing, begun, ready, row, type Row } from "./delivery-rows.ts";

export const receiving: readonly Row[] = [
  row("a verified signature", delivered({}), VERIFIED, "verified", "signature_verified = true"),
  row(
    "a refused one that is recorded",
    delivered({}),
    refused(true),
    "sealing.signing",
    "signature_verified = false",
    ...toSealing("refused"),
  ),
  row("a refused one that is not", delivered({}), refused(false), "refused", "signature_verified = false"),
  row(
    "a run that no delivery began",
    delivered(agent),
    asked,
    "executing.performing",
    "signature_verified = false",
    "asked_by = operator",
    "intent_recorded = Run risk-review because a person asked for it",
    ...begun("runAgent"),
  ),
  row(
    "a parsed payload",
    delivered({}, VERIFIED),
    normalized(),
    "normalized",
    "payload_parsed = true",
    "correlation_recorded = d-1",
  ),
  row(
    "a payload that is no JSON",
    delivered({}, VERIFIED),
    normalized({ payload: "unparsable" }),
    "normalized",
    "payload_parsed = false",
    "correlation_recorded = d-1",
  ),
];

const checked = (order: string, anchored = true): readonly string[] => [
  `order_checked = ${order}`,
  `anchor_checked = ${anchored}`,
  "intent_recorded = Put risk_breach into the inbox",
];

export const recording: readonly Row[] = [
  row(
    "an inbox item begins",
    ready({}),
    recorded(),
    "executing.performing",
    ...checked("in_order"),
    ...begun("writeInboxItem"),
  ),
  row(
    "an agent's run begins",
    ready(agent),
    recorded(),
    "executing.performing",
    ...checked("in_order"),
    ...begun("runAgent"),
  ),
  row(
    "stale is processed",
    ready({}),
    recorded({ order: "stale" }),
    "executing.performing",
    ...checked("stale"),
    ...begun("writeInboxItem"),
  ),
  row(
    "stale is skipped",
    ready({ on_stale: "skip" }),
    recorded({ order: "stale" }),
    "sealing.signing",
    ...checked("stale"),
    ...toSealing("superseded"),
  ),
  row(
    "stale is skipped, and an agent's run reports it",
    ready({ ...agent, on_stale: "skip" }),
    recorded({ order: "stale" }),
    "reporting.writing",
    ...checked("stale"),
    ...toReporting,
  ),
  row(
    "a gap is processed",
    ready({}),
    recorded({ order: "gap" }),
    "executing.performing",
    ...checked("gap"),
    ...begun("writeInboxItem"),
  ),
  row(
    "a gap waits",
    ready({ on_gap: "wait" }),
    recorded({ order: "gap" }),
    "held.for-predecessor",
    ...checked("gap"),
    "held = for_predecessor",
    "wakes holdTimeout in 60000",
  ),
  row(
    "no anchor is processed",
    ready({}),
    recorded({ anchored: false }),
    "executing.performing",
    ...checked("in_order", false),
    ...begun("writeInboxItem"),
  ),
  row(
    "no anchor waits",
    ready({ on_partial: "wait" }),
    recorded({ anchored: false }),
    "held.for-context",
    ...checked("in_order", false),
    "held = for_context",
    "wakes contextTimeout in 30000",
  ),
  row(
    "a gap comes before a missing anchor",
    ready({ on_gap: "wait", on_partial: "wait" }),
    recorded({ order: "gap", anchored: false }),
    "held.for-predecessor",
    ...checked("gap", false),
    "held = for_predecessor",
    "wakes holdTimeout in 60000",
  ),
  row(
    "a predecessor that came in between",
    tell(ready({ on_gap: "wait" }), predecessorArrived),
    recorded({ order: "gap" }),
    "executing.performing",
    ...checked("gap"),
    ...begun("writeInboxItem"),
  ),
  row(
    "context that came in between",
    tell(ready({ on_partial: "wait" }), contextArrived),
    recorded({ anchored: false }),
    "executing.performing",
    ...checked("in_order", false),
    ...begun("writeInboxItem"),
  ),
];

const goesOn = (because: string, timer = "holdTimeout"): readonly string[] => [
  `released = ${because}`,
  ...begun("writeInboxItem"),
  `unwakes ${timer}`,
];
const gappedAndPartial = tell(
  ready({ on_gap: "wait", on_partial: "wait" }),
  recorded({ order: "gap", anchored: false }),
);
const waitsForContext = ["held = for_context", "wakes contextTimeout in 30000", "unwakes holdTimeout"];

export const holding: readonly Row[] = [
  row("the predecessor arrives", gapped, predecessorArrived, "executing.performing", ...goesOn("predecessor_arrived")),
  row(
    "context arrives",
    partial,
    contextArrived,
    "executing.performing",
    ...goesOn("context_arrived", "contextTimeout"),
  ),
  row(
    "the predecessor of one without an anchor arrives",
    gappedAndPartial,
    predecessorArrived,
    "held.for-context",
    "released = predecessor_arrived",
    ...waitsForContext,
  ),
  row(
    "patience for the predecessor of one without an anchor ends",
    gappedAndPartial,
    after("holdTimeout"),
    "held.for-context",
    "released = hold_timeout",
    ...waitsForContext,
  ),
  row(
    "context does not end the wait for a predecessor",
    gapped,
    contextArrived,
    "held.for-predecessor",
    `context_arrived = ${"e".repeat(40)}`,
  ),
  row(
    "a predecessor does not end the wait for context",
    partial,
    predecessorArrived,
    "held.for-context",
    `predecessor_arrived = ${runOf(2)}`,
  ),
  row("a person releases it", gapped, release, "executing.performing", ...goesOn("no need to wait")),
  row(
    "patience for the predecessor ends",
    gapped,
    after("holdTimeout"),
    "executing.performing",
    ...goesOn("hold_timeout"),
  ),
  row(
    "patience for context ends",
    partial,
    after("contextTimeout"),
    "executing.performing",
    ...goesOn("context_timeout", "contextTimeout"),
  ),
  row(
    "a person cancels an agent's run",
    delivered({ ...agent, on_gap: "wait" }, VERIFIED, normalized(), recorded({ order: "gap" })),
    cancel,
    "reporting.writing",
    ...toReporting,
    "unwakes holdTimeout",
  ),
  row("a person cancels it", gapped, cancel, "sealing.signing", ...toSealing("cancelled"), "unwakes holdTimeout"),
];
