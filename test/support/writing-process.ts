/**
 * A process that writes to a store until it is killed, and says what was acknowledged: `a <batch>` for mail, `c <number>` for the
 * birth of actor `<number>`. Started as `node --import tsx test/support/writing-process.ts <dir>`.
 */
import { openStore } from "../../src/adapters/store-lmdb.ts";
import { artifactOf, birth, delivery, mailTo } from "./store-changes.ts";

const WRITERS = 8;
/** Large enough that a batch lies on several pages. */
const bodyOf = (number: number): string => `${number}:`.repeat(2000);

async function main(dir: string): Promise<never> {
  const store = await openStore(dir);
  let number = store.stats().actors;

  async function mail(): Promise<never> {
    for (;;) {
      const batch = [1, 2, 3].map((place) => mailTo(delivery(place), { artifacts: [artifactOf(bodyOf(place))] }));
      process.stdout.write(`a ${await store.append(batch)}\n`);
    }
  }
  async function births(): Promise<never> {
    for (;;) {
      const mine = (number += 1);
      await store.commit([
        birth(delivery(mine), { asks: ["inbox"], change: { artifacts: [artifactOf(bodyOf(mine))] } }),
      ]);
      process.stdout.write(`c ${mine}\n`);
    }
  }
  return Promise.race([mail(), ...Array.from({ length: WRITERS }, births)]);
}

await main(process.argv[2] ?? "");
