/** Erasing a sealed run, and what comes for it meanwhile and afterwards. */
import {
  conflict,
  contextArrived,
  decided,
  erase,
  erased,
  failed,
  nameless,
  predecessorArrived,
  releasedAsNew,
  REPORTED,
  SEALED,
} from "../../support/delivery-words.ts";
import { after, tell } from "../../support/machine-given.ts";
import { oneDenied, row, sealed, type Row } from "./delivery-rows.ts";

const erasing = tell(sealed, erase);
const gone = tell(erasing, erased());

export const erasure: readonly Row[] = [
  row(
    "a person has it erased",
    sealed,
    erase,
    "erasing.removing",
    "erasure_asked = asked to be forgotten",
    "asks eraseRun",
  ),
  row("everything is taken away", erasing, erased(), "erased", "run_erased = 1"),
  row(
    "erasing fails",
    erasing,
    failed(true),
    "erasing.backing-off",
    "effect_failed = no luck",
    "wakes sealBackoff in 1000",
  ),
  row(
    "erasing is tried again",
    tell(erasing, failed(true)),
    after("sealBackoff"),
    "erasing.removing",
    "effect_started = eraseRun",
    "asks eraseRun",
    "unwakes sealBackoff",
  ),
  row("a known repeat meanwhile", erasing, nameless, "erasing.removing", "forgotten = REDELIVERED"),
  row("what was on its way when it began", erasing, conflict, "erasing.removing", "late_received = 1"),
  row(
    "all but what was on its way is taken away",
    tell(erasing, conflict),
    erased(),
    "erasing.removing",
    "effect_started = eraseRun",
    "asks eraseRun",
  ),
  row("that is taken away too", tell(erasing, conflict), erased(1), "erased", "run_erased = 1"),
  row(
    "its orders are erased with it",
    tell(oneDenied, decided(2, false), REPORTED, SEALED, erase),
    erased(),
    "erased",
    "run_erased = 1",
    "tells order ERASED",
    "tells order ERASED",
  ),
  row("a repeat afterwards", gone, nameless, "erased", "forgotten = REDELIVERED"),
  ...[erasing, gone].flatMap((actor) =>
    [releasedAsNew, predecessorArrived, contextArrived].map((event) =>
      row(`${event.type} in ${actor.record.state}`, actor, event, actor.record.state, `forgotten = ${event.type}`),
    ),
  ),
];
