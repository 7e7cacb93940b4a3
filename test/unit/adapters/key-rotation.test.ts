/** Whatever fails and whenever the process or the power goes: one pair of keys, one history, and a receipt for each change of keys. */
import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { finishRotation, rotateKeys } from "../../../src/adapters/key-rotation.ts";
import { checkKeyLeaf } from "../../../src/evidence/log/key-leaf.ts";
import { readLeaf } from "../../../src/evidence/log/leaf.ts";
import { readProof } from "../../../src/evidence/log/proof.ts";
import { readCheckpoint, writeCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { openNote, readVkey, signerOf as noteSignerOf, signNote, vkeyOf } from "../../../src/evidence/log/note.ts";
import { knownKeyOf } from "../../../src/evidence/keys.ts";
import { privateKey, publicPem, signer } from "../evidence/support.ts";
import {
  deskOnDisk,
  expectStart,
  keysOn,
  KEYS,
  noRoots,
  ownKeyid,
  type Roots,
  rotationPlace,
  SEAL_ORIGIN,
  SEALED_BEFORE,
} from "./key-rotation-support.ts";
import type { Fate, LogMemoryDisk, PowerCut } from "./log-memory-disk.ts";
import { LEAVES, ORIGIN, PUBLISHED, seals, SIGNED } from "./log-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 40 });

const old = knownKeyOf(publicPem);
const rootsOf = ({ seen }: Roots): Roots => ({ seen: new Map(seen), forks: [] });
const newPem = (): string => String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));

describe("a rotation", () => {
  test("leaves one private half, the old public one, and a receipt that the old key's checkpoint covers", async () => {
    const roots = noRoots();
    const disk = await deskOnDisk(roots);
    const rotated = await rotateKeys(rotationPlace(disk, roots));
    expect(rotated).toEqual({ keyid: ownKeyid(disk), retired: signer.keyid, index: SEALED_BEFORE });
    expect(rotated.keyid).not.toBe(signer.keyid);
    expect(disk.files().get(`${KEYS}/retired/${signer.keyid}.pub`)?.toString()).toBe(publicPem);

    const proof = readProof(disk.files().get(`${KEYS}/${rotated.keyid}.tlog-proof`)?.toString() ?? "");
    const leaf = readLeaf(proof?.extra ?? new Uint8Array());
    if (leaf?.kind !== "key" || old === undefined) throw new Error("the receipt holds no key leaf");
    expect(checkKeyLeaf(leaf, SEAL_ORIGIN, [old])?.keyid).toBe(rotated.keyid);
    const vkey = readVkey(vkeyOf(ORIGIN, old.publicKey));
    const opened = openNote(proof?.checkpoint ?? "", vkey === undefined ? [] : [vkey]);
    expect(opened.kind === "note" && readCheckpoint(opened.text)?.size).toBe(SEALED_BEFORE + 1);
    expect(await expectStart(disk, roots)).toBe(1);
  });

  test("can follow another, and another", async () => {
    const roots = noRoots();
    const disk = await deskOnDisk(roots);
    const keyids = [ownKeyid(disk)];
    for (let times = 1; times <= 3; times += 1) {
      const rotated = await rotateKeys(rotationPlace(disk, roots));
      expect(rotated.retired).toBe(keyids.at(-1));
      keyids.push(rotated.keyid);
      expect(await expectStart(disk, roots)).toBe(times);
    }
    expect(new Set(keyids).size).toBe(4);
    expect(keysOn(disk).retired).toHaveLength(3);
  });

  test("is refused on a desk that has no key", async () => {
    const disk = await deskOnDisk(noRoots());
    disk.drop(`${KEYS}/evidence.key`);
    await expect(rotateKeys(rotationPlace(disk))).rejects.toThrow("no key to go on from");
  });

  test("that was not begun needs no ending", async () => {
    const disk = await deskOnDisk(noRoots());
    expect(await finishRotation(rotationPlace(disk))).toEqual({ kind: "none" });
  });

  test("that never reached the log is withdrawn", async () => {
    const disk = await deskOnDisk(noRoots());
    disk.put(`${KEYS}/next.key`, Buffer.from(newPem()));
    expect(await finishRotation(rotationPlace(disk))).toEqual({ kind: "withdrawn" });
    expect([ownKeyid(disk), disk.files().has(`${KEYS}/next.key`)]).toEqual([signer.keyid, false]);
  });
});

describe("a log whose leaves name another key than the desk's", () => {
  test("is refused: the old pair was put back", async () => {
    const disk = await deskOnDisk(noRoots());
    const before = keysOn(disk);
    await rotateKeys(rotationPlace(disk));
    await expect(rotationPlace(disk).openLog(before)).rejects.toThrow("not signed by this desk's key");
  });

  test("is refused when the retired key is unknown while its checkpoint stands", async () => {
    const roots = noRoots();
    const disk = await deskOnDisk(roots);
    const { keyid } = await rotateKeys(rotationPlace(disk, roots));
    // As a crash leaves it before the new key signs: the checkpoint in the receipt is the old key's last one.
    const receipt = disk.files().get(`${KEYS}/${keyid}.tlog-proof`)?.toString() ?? "";
    for (const path of [SIGNED, PUBLISHED]) disk.put(path, Buffer.from(readProof(receipt)?.checkpoint ?? ""));
    const { retired: _, ...alone } = keysOn(disk);
    await expect(rotationPlace(disk, roots).openLog(alone)).rejects.toThrow("not signed by this desk's key");
    const log = await rotationPlace(disk, roots).openLog(keysOn(disk));
    expect([log.size(), roots.forks]).toEqual([SEALED_BEFORE + 1, []]);
  });

  test.each([SIGNED, PUBLISHED])(
    "is refused when the retired key signed on: the very tree of today, in %s",
    async (path) => {
      const disk = await deskOnDisk(noRoots());
      await rotateKeys(rotationPlace(disk));
      const log = await rotationPlace(disk).openLog(keysOn(disk));
      await log.append(seals(50, 2));
      const today = readCheckpoint(log.checkpoint().split("\n\n")[0]?.concat("\n") ?? "");
      await log.close();
      if (today === undefined) throw new Error("no checkpoint");
      disk.put(path, Buffer.from(signNote(writeCheckpoint(today), [noteSignerOf(ORIGIN, privateKey)])));
      await expect(rotationPlace(disk).openLog(keysOn(disk))).rejects.toThrow(
        "not signed by this desk's key of that time",
      );
    },
  );

  test("is refused when a leaf was slipped in behind the signed ones", async () => {
    const disk = await deskOnDisk(noRoots());
    const other = await deskOnDisk(noRoots());
    await rotateKeys(rotationPlace(other));
    const [mine, theirs] = [disk, other].map((each) => each.files().get(LEAVES) ?? Buffer.alloc(0));
    expect(theirs?.length).toBeGreaterThan(mine?.length ?? 0);
    disk.put(LEAVES, theirs ?? Buffer.alloc(0));
    await expect(rotationPlace(disk).openLog(keysOn(disk))).rejects.toThrow("hands the log over to the key");
  });

  test("takes no further leaf from the key that handed it over", async () => {
    const disk = await deskOnDisk(noRoots());
    const before = keysOn(disk);
    const after = disk.after("kill");
    const { keyid } = await rotateKeys(rotationPlace(after));
    disk.put(LEAVES, after.files().get(LEAVES) ?? Buffer.alloc(0));
    const log = await rotationPlace(disk).openLog(before, keyid);
    await expect(log.append(seals(70, 1))).rejects.toThrow("nothing follows a leaf that hands the log over");
    expect(log.size()).toBe(SEALED_BEFORE + 1);
  });
});

const ends: readonly (PowerCut | "kill")[] = [
  "kill",
  { names: "lost", bytes: 0 },
  { names: "kept", bytes: 0.4 },
  { names: "lost", bytes: 1 },
];
type Fault = { readonly at: number; readonly fate: "lost" | "kept"; readonly dies: boolean };
const fateOf =
  ({ at, fate, dies }: Fault) =>
  (_: unknown, now: number): Fate =>
    now === at ? fate : dies && now > at ? "dead" : "done";

/** Resolves when the rotation did; undefined when the disk let it down. Anything else is a failure. */
async function attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (thrown) {
    if (
      !/EIO/.test(String(thrown)) &&
      !(thrown instanceof Error && "reason" in thrown && thrown.reason === "IO_FAILED")
    )
      throw thrown;
    return undefined;
  }
}

describe("a rotation of which any step fails", () => {
  let before: LogMemoryDisk;
  let roots: Roots;
  let steps = 0;
  beforeAll(async () => {
    roots = noRoots();
    before = await deskOnDisk(roots);
    const whole = before.after("kill");
    await rotateKeys(rotationPlace(whole, rootsOf(roots)));
    steps = whole.steps();
  });

  test("takes the steps that are made to fail", () => expect(steps).toBeGreaterThan(80));

  test.each(["lost", "kept"] as const)("is done by asking again, %s", async (fate) => {
    for (let at = fate === "lost" ? 0 : 1; at < steps; at += 2) {
      const seen = rootsOf(roots);
      const disk = before.after("kill", fateOf({ at, fate, dies: false }));
      const place = rotationPlace(disk, seen);
      const rotated = (await attempt(() => rotateKeys(place))) ?? (await rotateKeys(place));
      expect(rotated.retired).toBe(signer.keyid);
      expect(await expectStart(disk, seen)).toBe(1);
    }
  });

  // Every step is one at which the process is killed, every third one a power cut of each kind.
  test.each(ends)("leaves one key or the other when it ends there with %j", async (end) => {
    const outcomes = new Set<number>();
    for (let at = end === "kill" ? 0 : ends.indexOf(end) % 3; at < steps; at += end === "kill" ? 1 : 3) {
      const seen = rootsOf(roots);
      const disk = before.after("kill", fateOf({ at, fate: "lost", dies: true }));
      const rotated = await attempt(() => rotateKeys(rotationPlace(disk, seen)));
      const times = await expectStart(disk.after(end), seen);
      // Who was told that it is done finds it done.
      expect(times).toBeGreaterThanOrEqual(rotated === undefined ? 0 : 1);
      outcomes.add(times);
    }
    expect(outcomes).toEqual(new Set([0, 1]));
  });
});

const lives = fc.array(
  fc.record({
    does: fc.constantFrom("rotate" as const, "start" as const),
    at: fc.nat({ max: 140 }),
    fate: fc.constantFrom("lost" as const, "kept" as const),
    dies: fc.boolean(),
    end: fc.constantFrom(...ends),
  }),
  { minLength: 1, maxLength: 5 },
);

test("many lives, each with a fault and an end of its own, are one chain of keys over one log", async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      const roots = noRoots();
      let disk = await deskOnDisk(roots);
      let least = 0;
      for (const { does, end, ...fault } of all) {
        const life = disk.after("kill", fateOf(fault));
        const place = rotationPlace(life, roots);
        const done = await attempt<unknown>(() => (does === "rotate" ? rotateKeys(place) : finishRotation(place)));
        if (does === "rotate" && done !== undefined) least += 1;
        disk = life.after(end);
      }
      const times = await expectStart(disk, roots);
      expect(times).toBeGreaterThanOrEqual(Math.min(least, 1));
      expect(times).toBeLessThanOrEqual(all.length);
    }),
  );
});
