import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeEntries,
  decodeStored,
  encodeEntries,
  encodeRecord,
  encodeStored,
} from "../../../src/adapters/store-lmdb-codec.ts";
import { decodeMail, encodeMail } from "../../../src/adapters/store-lmdb-mail-codec.ts";
import { effectIdOf } from "../../../src/core/ids.ts";
import type { Json } from "../../../src/core/observation.ts";
import type { ActorRecord } from "../../../src/engine/ports.ts";
import { artifactOf, birth, delivery, entryOf, mailTo, subject, timerOf } from "../../support/store-changes.ts";

fc.configureGlobal({ seed: 1 });

const anyJson: fc.Arbitrary<Json> = fc.json().map((text): Json => JSON.parse(text));

const full = (over: Partial<ActorRecord> = {}): ActorRecord => ({
  ...birth(subject("a]b"), { asks: ["inbox", "seal"] }).record,
  applied: [7, 3],
  timers: [timerOf("t", 5)],
  parked: { reason: "guard threw", at: 9, birth: null, events: [{ by: "agent", at: 8, event: { type: "X" } }] },
  ...over,
});

describe("a record", () => {
  test("comes back with its positions, whatever its snapshot holds", () => {
    const comesBack = fc.property(
      anyJson,
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 3 }),
      (snapshot, resting, positions) => {
        const record = full({ snapshot, resting });
        expect(decodeStored(encodeStored(positions, encodeRecord(record)))).toEqual({ positions, record });
      },
    );
    fc.assert(comesBack);
  });

  test("has the same version after it was read, and another after any change", () => {
    const { version } = encodeRecord(full());
    const read = decodeStored(encodeStored([], encodeRecord(full()))).record;
    expect(encodeRecord(read).version).toBe(version);
    const changes: readonly Partial<ActorRecord>[] = [
      { applied: [7, 4] },
      { resting: true },
      { parked: null },
      { pending: full().pending.map((effect) => ({ ...effect, started: true })) },
      { timers: [timerOf("t", 5, 2)] },
      { snapshot: { other: 1 } },
    ];
    for (const change of changes) expect(encodeRecord(full(change)).version).not.toBe(version);
  });
});

describe("entries", () => {
  test("come back, whatever they claim", () => {
    const comeBack = fc.property(anyJson, anyJson, fc.nat(), (data, value, seq) => {
      const basis = [artifactOf("x").ref.sha256];
      const effects = [{ id: effectIdOf(delivery(1), seq, 2), name: "seal" }];
      const entries = [entryOf(seq, { data, effects, observations: [{ name: "n", value, basis }] }), entryOf(seq + 1)];
      expect(decodeEntries(delivery(1), encodeEntries(delivery(1), entries))).toEqual(entries);
    });
    fc.assert(comeBack);
  });

  test("cannot ask for another actor's effect", () => {
    const entry = entryOf(0, { effects: [{ id: effectIdOf(delivery(2), 0, 0), name: "seal" }] });
    expect(() => encodeEntries(delivery(1), [entry])).toThrow("is an effect of delivery/");
  });
});

describe("a batch of mail", () => {
  test("comes back, text and bytes", () => {
    const anyMail = fc.record({ birth: anyJson, bodies: fc.array(fc.uint8Array(), { maxLength: 3 }) });
    const comesBack = fc.property(fc.array(anyMail, { minLength: 1, maxLength: 5 }), (mails) => {
      const batch = mails.map((mail, at) =>
        mailTo(delivery(at), {
          birth: mail.birth,
          artifacts: mail.bodies.map((body) => artifactOf(body)),
          index: [{ name: "subject", key: "\0\u{1F600}" }],
        }),
      );
      expect(decodeMail(encodeMail(batch))).toEqual(batch);
    });
    fc.assert(comesBack);
  });
});
