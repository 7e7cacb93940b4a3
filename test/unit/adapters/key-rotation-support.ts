/** A desk's keys and log on the disk in memory, and what must be true of both at any start. */
import { createPrivateKey } from "node:crypto";
import { expect } from "vitest";
import { sweepTemporaries } from "../../../src/adapters/durable-file.ts";
import { type EvidenceKeys, retiredKeysIn } from "../../../src/adapters/key-files.ts";
import { finishRotation, type RotationPlace } from "../../../src/adapters/key-rotation.ts";
import type { LogDisk } from "../../../src/adapters/log-disk.ts";
import { type EvidenceLog, openLog } from "../../../src/adapters/log-files.ts";
import { replaceWhole } from "../../../src/adapters/log-replace.ts";
import { trustOf } from "../../../src/evidence/check-keys.ts";
import { knownKeyOf, signerOf } from "../../../src/evidence/keys.ts";
import { openNote, readVkey, signerOf as noteSignerOf } from "../../../src/evidence/log/note.ts";
import { privatePem, publicPem } from "../evidence/support.ts";
import { type LogMemoryDisk, logMemoryDisk } from "./log-memory-disk.ts";
import { DIR, ORIGIN, promptClock, PUBLISHED, seals } from "./log-support.ts";

export const KEYS = "/desk/.qoc/keys";
export const SEAL_ORIGIN = ORIGIN.replace(/\/log$/, "");
export const SEALED_BEFORE = 3;

/** Every root that any key signed, by its size. */
export type Roots = { readonly seen: Map<string, string>; readonly forks: string[] };
export const noRoots = (): Roots => ({ seen: new Map(), forks: [] });

export function rotationPlace(disk: LogDisk, { seen, forks }: Roots = noRoots()): RotationPlace {
  return {
    folder: KEYS,
    origin: SEAL_ORIGIN,
    disk,
    openLog: async (keys: EvidenceKeys, next?: string): Promise<EvidenceLog> => {
      const own = noteSignerOf(ORIGIN, keys.privateKey);
      const sign = (text: Uint8Array): Uint8Array => {
        const [, size = "", root = ""] = Buffer.from(text).toString().split("\n");
        if ((seen.get(size) ?? root) !== root) forks.push(`size ${size} has two roots`);
        seen.set(size, root);
        return own.sign(text);
      };
      const former = (keys.retired ?? []).flatMap((pem) => knownKeyOf(pem)?.publicKey ?? []);
      const place = { dir: DIR, origin: ORIGIN, former, next, clock: promptClock, disk };
      const log = await openLog({ ...place, signer: { ...own, sign } });
      await replaceWhole(KEYS, "log.vkey", Buffer.from(`${own.vkey}\n`), disk);
      return log;
    },
  };
}

const textIn = (disk: LogMemoryDisk, name: string): string => disk.files().get(`${KEYS}/${name}`)?.toString() ?? "";

export const ownKeyid = (disk: LogMemoryDisk): string => signerOf(textIn(disk, "evidence.key")).keyid;

/** The desk's own pair, as a start reads it. */
export function keysOn(disk: LogMemoryDisk): EvidenceKeys {
  const pem = textIn(disk, "evidence.key");
  return { keyid: signerOf(pem).keyid, privateKey: createPrivateKey(pem), retired: retiredKeysIn(KEYS, disk) };
}

/** A desk with a pair of keys and some seals in its log. */
export async function deskOnDisk(roots: Roots): Promise<LogMemoryDisk> {
  const disk = logMemoryDisk();
  disk.put(`${KEYS}/evidence.key`, Buffer.from(privatePem));
  disk.put(`${KEYS}/evidence.pub`, Buffer.from(publicPem));
  const log = await rotationPlace(disk, roots).openLog(keysOn(disk));
  await log.append(seals(0, SEALED_BEFORE));
  await log.close();
  return disk;
}

/**
 * What a daemon does at its start, and what then holds: one pair of keys, its log, all seals, and from the very first key a receipt for
 * each one after it. Gives how often the key was changed.
 */
export async function expectStart(disk: LogMemoryDisk, roots: Roots): Promise<number> {
  const place = rotationPlace(disk, roots);
  await finishRotation(place);
  sweepTemporaries(KEYS, disk);
  const keys = keysOn(disk);
  const log = await place.openLog(keys);
  const vkey = readVkey(textIn(disk, "log.vkey").trimEnd());
  expect(vkey === undefined ? "no vkey" : openNote(log.checkpoint(), [vkey]).kind).toBe("note");
  expect(await log.append(seals(0, SEALED_BEFORE))).toEqual([0, 1, 2]);
  const [added] = await log.append(seals(1000 + log.size(), 1));
  expect(added).toBe(log.size() - 1);
  await log.close();

  expect(roots.forks).toEqual([]);
  expect(knownKeyOf(textIn(disk, "evidence.pub"))?.keyid).toBe(keys.keyid);
  const published = disk.files().get(PUBLISHED) ?? Buffer.alloc(0);
  expect(vkey === undefined ? "no vkey" : openNote(published, [vkey]).kind).toBe("note");
  const names = [...disk.files().keys()].filter((path) => path.startsWith(KEYS));
  expect(names.filter((path) => /next|\.tmp-/.test(path))).toEqual([]);

  const receipts = names
    .filter((path) => path.endsWith(".tlog-proof"))
    .map((path) => disk.files().get(path)?.toString());
  const chain = orderedFrom(
    knownKeyOf(publicPem)?.keyid ?? "",
    receipts.flatMap((text) => text ?? []),
  );
  expect(chain.trusted).toBe(keys.keyid);
  expect(keys.retired).toHaveLength(chain.length);
  // No private half but the current one is anywhere on the disk.
  const privates = [...disk.files().values()].flatMap(
    (bytes) => bytes.toString("latin1").match(/-----BEGIN PRIVATE KEY-----[^-]+/g) ?? [],
  );
  expect(privates).toHaveLength(1);
  return chain.length;
}

/** Takes the receipts in the order in which each is authorised. Gives how many were, and which key is then the current one. */
function orderedFrom(
  first: string,
  receipts: readonly string[],
): { readonly trusted: string; readonly length: number } {
  let taken: readonly string[] = [];
  for (;;) {
    const more = receipts
      .filter((text) => !taken.includes(text))
      .find((text) => trustOf({ keys: [publicPem], keyReceipts: [...taken, text] }, SEAL_ORIGIN).findings.length === 0);
    if (more === undefined) break;
    taken = [...taken, more];
  }
  expect(taken).toHaveLength(receipts.length);
  const { keys } = trustOf({ keys: [publicPem], keyReceipts: taken }, SEAL_ORIGIN);
  return { trusted: keys.find(({ until }) => until === undefined)?.key.keyid ?? first, length: taken.length };
}
