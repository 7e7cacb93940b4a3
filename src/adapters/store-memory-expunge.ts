import type { Address, Sha256 } from "../core/ids.ts";
import type { IndexRow } from "../engine/ports.ts";
import type { MemoryState } from "./store-memory-state.ts";

/** Gives the hashes that stay, because another actor names them or mail does. */
export function expungeFrom(
  state: MemoryState,
  address: Address,
  artifacts: readonly Sha256[],
  stays: readonly IndexRow[],
  parts: readonly Address[] = [],
): readonly Sha256[] {
  const isOther = (other: Address): boolean => other !== address && !parts.includes(other);
  const others = JSON.stringify([
    [...state.journals].filter(([other]) => isOther(other)).map(([, journal]) => journal),
    [...state.actors].filter(([other]) => isOther(other)).map(([, record]) => record),
    [...state.mail.values()]
      .flat()
      .map(({ birth, events, artifacts: carried }) => [birth, events, carried.map(({ ref }) => ref)]),
  ]);
  const isShared = (sha256: Sha256): boolean => others.includes(sha256);
  for (const sha256 of artifacts) if (!isShared(sha256)) state.artifacts.delete(sha256);
  const isToStay = ({ name, key }: IndexRow): boolean => stays.some((row) => row.name === name && row.key === key);
  for (const [id, { row, hit }] of state.index) {
    if (hit.address === address && !isToStay(row)) state.index.delete(id);
  }
  return artifacts.filter(isShared);
}
