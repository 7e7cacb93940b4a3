/** Sealing, amending, and what a redelivery does. */
import {
  amended,
  conflict,
  delivered,
  duplicate,
  executing,
  failed,
  releasedAsNew,
  replay,
  runOf,
  SEALED,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { after, tell, type Actor } from "../../support/machine-given.ts";
import {
  gapped,
  partial,
  backingOff,
  asked,
  dispatching,
  stuck,
  sealing,
  sealed,
  amending,
  ready,
  row,
  type Row,
} from "./delivery-rows.ts";

const owes = (observed: string, ordinal: number): readonly string[] => [observed, `amendment_owed = ${ordinal}`];

export const finishing: readonly Row[] = [
  row("it is sealed", sealing, SEALED, "sealed", "envelope_sealed = s0"),
  row(
    "sealing fails",
    sealing,
    failed(false),
    "sealing.backing-off",
    "effect_failed = no luck",
    "wakes sealBackoff in 1000",
  ),
  row(
    "sealing is tried again",
    tell(sealing, failed(false)),
    after("sealBackoff"),
    "sealing.signing",
    "effect_started = sealRun",
    "asks sealRun",
    "unwakes sealBackoff",
  ),
  row("a duplicate of a sealed run", sealed, duplicate, "sealed", "duplicate_received = d-1"),
  row(
    "a conflict with a sealed run",
    sealed,
    conflict,
    "amending.signing",
    ...owes("conflict_received = d-1", 1),
    "asks sealAmendment",
    "tells notice NOTICE",
  ),
  row(
    "a replay of a sealed run",
    sealed,
    replay,
    "amending.signing",
    ...owes("replay_suspected = d-2", 1),
    "asks sealAmendment",
    "tells notice NOTICE",
  ),
  row(
    "a conflict while sealing",
    sealing,
    conflict,
    "sealing.signing",
    ...owes("conflict_received = d-1", 1),
    "tells notice NOTICE",
  ),
  row(
    "a replay while sealing",
    sealing,
    replay,
    "sealing.signing",
    ...owes("replay_suspected = d-2", 1),
    "tells notice NOTICE",
  ),
  row(
    "it is sealed and owes an amendment",
    tell(sealing, conflict),
    SEALED,
    "amending.signing",
    "envelope_sealed = s0",
    "asks sealAmendment",
  ),
  row("an amendment is sealed", amending, amended(1), "sealed", "redelivery_amended = 1"),
  row(
    "a conflict while amending",
    amending,
    conflict,
    "amending.signing",
    ...owes("conflict_received = d-1", 2),
    "tells notice NOTICE",
  ),
  row(
    "a replay while amending",
    amending,
    replay,
    "amending.signing",
    ...owes("replay_suspected = d-2", 2),
    "tells notice NOTICE",
  ),
  row(
    "an amendment is sealed and another owed",
    tell(amending, replay),
    amended(1),
    "amending.signing",
    "redelivery_amended = 1",
    "asks sealAmendment",
  ),
  row(
    "amending fails",
    amending,
    failed(false),
    "amending.backing-off",
    "effect_failed = no luck",
    "wakes sealBackoff in 1000",
  ),
  row(
    "amending is tried again",
    tell(amending, failed(true)),
    after("sealBackoff"),
    "amending.signing",
    "effect_started = sealAmendment",
    "asks sealAmendment",
    "unwakes sealBackoff",
  ),
];

const states: readonly Actor[] = [
  delivered({}),
  delivered({}, VERIFIED),
  ready({}),
  gapped,
  partial,
  executing(),
  backingOff,
  asked,
  dispatching,
  stuck,
];

/** Before sealing begins, a redelivery is observed and moves nothing; a person is told of what is more than a duplicate. */
export const untouched: readonly Row[] = states.flatMap((actor) => {
  const { state } = actor.record;
  return [
    row(`a duplicate in ${state}`, actor, duplicate, state, "duplicate_received = d-1"),
    row(`a conflict in ${state}`, actor, conflict, state, "conflict_received = d-1", "tells notice NOTICE"),
    row(`a replay in ${state}`, actor, replay, state, "replay_suspected = d-2", "tells notice NOTICE"),
  ];
});

export const everywhere: readonly Row[] = [...states, sealing, sealed, amending].map((actor) => {
  const { state } = actor.record;
  return row(`a release as new in ${state}`, actor, releasedAsNew, state, `released_as_new = ${runOf(2)}`);
});
