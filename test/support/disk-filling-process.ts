/**
 * A process whose files may not grow beyond a limit of the shell's: writes to a store until that fails, then says as JSON what
 * the store still does. Started as `sh -c "ulimit -f …; exec node --import tsx test/support/disk-filling-process.ts <dir>"`.
 */
import { openStore } from "../../src/adapters/store-lmdb.ts";
import { artifactOf, birth, delivery, mailTo } from "./store-changes.ts";

const BATCHES_MAX = 200;
const large = (number: number): ReturnType<typeof artifactOf> => artifactOf(`${number}`.repeat(100_000));
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "no error");

const failureOf = (write: () => Promise<void>): Promise<string> => write().then(() => "kept", nameOf);

async function main(dir: string): Promise<void> {
  const store = await openStore(dir);
  const unhandled: string[] = [];
  process.on("unhandledRejection", (error) => unhandled.push(nameOf(error)));
  const kept: number[] = [];
  const appendFailed = await failureOf(async () => {
    while (kept.length < BATCHES_MAX) kept.push(await store.append([mailTo(delivery(1), { artifacts: [large(1)] })]));
  });
  const failures = await Promise.all([
    failureOf(() => store.commit([birth(delivery(2), { change: { artifacts: [large(2)] } })])),
    failureOf(() => store.commit([birth(delivery(3)), birth(delivery(4), { change: { artifacts: [large(4)] } })])),
  ]);
  const mailKept = [...store.mail()].map(({ position }) => position[0]);
  const left = [2, 3, 4].map((number) => store.read(delivery(number)) !== undefined);
  const last = kept.at(-1);
  if (last !== undefined) store.forget(last);
  await store.append([mailTo(delivery(5))]);
  await store.append([mailTo(delivery(5))]);
  await store.commit([birth(delivery(2), { change: { artifacts: [large(2)] } })]);
  await new Promise((resolve) => setImmediate(resolve));
  const wholeAgain = store.read(delivery(2)) !== undefined;
  await store.close();
  const allKept = mailKept.join() === kept.join();
  process.stdout.write(JSON.stringify({ appendFailed, failures, left, allKept, wholeAgain, unhandled }));
}

await main(process.argv[2] ?? "");
