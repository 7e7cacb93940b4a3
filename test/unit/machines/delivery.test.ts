import { describe, expect, test } from "vitest";
import { delivery } from "../../../machines/delivery.ts";
import type { ActorEvent } from "../../../src/engine/ports.ts";
import {
  called,
  cancel,
  decided,
  erase,
  erased,
  executing,
  release,
  resume,
  resumeAs,
  unclear,
} from "../../support/delivery-words.ts";
import { given, tell, untaken, type Actor } from "../../support/machine-given.ts";
import { amending, askedTwice, dispatching, dispatchingBoth, oneDenied, sealed, stuck } from "./delivery-rows.ts";
import { everywhere, finishing, untouched } from "./delivery-rows-ending.ts";
import { erasure } from "./delivery-rows-erasure.ts";
import { holding, receiving, recording } from "./delivery-rows-opening.ts";
import { deciding, performing, reports, sendingOrders } from "./delivery-rows-working.ts";

const tables = {
  receiving,
  recording,
  holding,
  performing,
  deciding,
  sendingOrders,
  reports,
  finishing,
  untouched,
  everywhere,
  erasing: erasure,
};

describe.each(Object.entries(tables))("a delivery, %s", (_name, rows) => {
  test.each(rows)("$says", ({ actor, when, gives }) => {
    expect(given(actor).when(when).gives).toEqual(gives);
  });
});

const reached = Object.values(tables)
  .flat()
  .map(({ actor, when }) => tell(actor, when));
const journals = reached.flatMap(({ entries }) => entries);

test("every arrow of the chart is taken by a row above", () => {
  expect(untaken(delivery, journals)).toEqual([]);
});

test("every transition observes something", () => {
  const silent = journals.filter(({ observations }) => observations.length === 0);
  expect(silent).toEqual([]);
});

test("only sealed, erased and refused runs are at rest, and only when nothing is pending", () => {
  const resting = new Set(reached.filter(({ record }) => record.resting).map(({ record }) => record.state));
  expect([...resting].toSorted()).toEqual(["erased", "refused", "sealed"]);
});

describe("what a delivery does not take", () => {
  const nothing: readonly (readonly [string, Actor, ActorEvent])[] = [
    ["a decision that was taken before", oneDenied, decided(1, true)],
    ["a decision on a draft that is not", oneDenied, decided(3, true)],
    ["a resume of a run that is not stuck", executing(), resume],
    ["a cancel of a sealed run", sealed, cancel],
    ["a cancel while orders are dispatched", dispatching, cancel],
    ["a second approval by the same approver", tell(askedTwice, decided(1, true)), decided(1, true)],
    ["a person's word on an order, of a run that is stuck over its agent", stuck, resumeAs("executed")],
    [
      "a person's word on an order that is settled already",
      tell(dispatchingBoth, unclear(1), resumeAs("failed", 1), unclear(2)),
      resumeAs("failed", 1),
    ],
    ["a command of an agent whose run is stuck", stuck, called()],
    ["a release of a run that is not held", executing(), release],
    ["an erasure of a run that is under way", executing(), erase],
    ["an erasure while an amendment is sealed", amending, erase],
    ["a second erasure", tell(sealed, erase), erase],
    ["an erasure of what is erased", tell(sealed, erase, erased()), erase],
  ];
  test.each(nothing)("%s", (_says, actor, when) => {
    expect(given(actor).when(when).gives).toEqual(["ignored"]);
  });
});
