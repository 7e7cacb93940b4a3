import { createHash } from "node:crypto";
import { assert } from "../core/assert.ts";
import { machineOf } from "../core/ids.ts";
import type { Artifact, Change, Mail } from "../engine/ports.ts";

/** What the port takes for granted of its callers, said aloud. Every broken one is a bug of ours. */
export function checkChange({ record, before, entries, artifacts, forgetsPast }: Change): void {
  const { address, sequence, pending, timers } = record;
  const from = before?.sequence ?? 0;
  assert(before === null || before.address === address, `${address}: a change keeps the address`);
  assert(before === null || before.born_at === record.born_at, `${address}: a change keeps the time of birth`);
  assert(machineOf(address) !== "", `${address}: an address names its machine`);
  const first = sequence - entries.length;
  assert(forgetsPast === true ? first >= from : first === from, `${address}: the sequence counts the entries`);
  for (const [at, { seq }] of entries.entries()) assert(seq === first + at, `${address}: entries are contiguous`);
  assert(forgetsPast !== true || entries.length > 0, `${address}: who forgets says so in an entry`);
  assert(areDistinct(pending.map(({ id }) => id)), `${address}: no effect is pending twice`);
  assert(areDistinct(timers.map(({ id }) => id)), `${address}: no timer is set twice`);
  const asked = new Set(entries.flatMap(({ effects }) => effects.map(({ id }) => id)));
  for (const { id, lane, started } of pending) {
    const old = before?.pending.find((effect) => effect.id === id);
    assert(id.startsWith(`${address}#`), `${id}: an effect belongs to its actor`);
    assert(lane !== "", `${id}: an effect has a lane`);
    assert(old !== undefined || asked.has(id), `${id}: a new effect was asked for by an entry`);
    assert(old === undefined || old.lane === lane, `${id}: an effect keeps its lane`);
    assert(started || old?.started !== true, `${id}: what was started stays so`);
  }
  artifacts.forEach(checkArtifact);
}

export function checkMail(batch: readonly Mail[]): void {
  assert(batch.length > 0, "a batch holds mail");
  for (const { to, events, birth, artifacts } of batch) {
    assert(events.length > 0 || birth !== null, `${to}: mail tells something`);
    artifacts.forEach(checkArtifact);
  }
}

export function checkArtifact({ ref, bytes }: Artifact): void {
  assert(ref.bytes === bytes.length, `${ref.sha256}: an artifact says its length`);
  assert(createHash("sha256").update(bytes).digest("hex") === ref.sha256, `${ref.sha256}: an artifact has its hash`);
}

const areDistinct = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
