/** Deliveries to `sealed` a second, inbox file and envelope included: from the first request until nothing is unfinished. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { figure } from "./figures.ts";
import { newDesk, send, startDaemon } from "./servers.ts";

const REQUESTS = 6_000;

const WARM_UP = 500;

export async function sealedRounds(rounds: number): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const rate = await sealedRate(REQUESTS, round);
    if (round > 0) rates.push(rate);
  }
  console.log(`deliveries to sealed, ${REQUESTS} sent as fast as they are acknowledged, start of the sender included`);
  console.log(`  qoc             ${figure(rates, "/s")}   aim 1200\n`);
}

/** One round on a fresh desk, warmed up. */
export async function sealedRate(requests: number, round: number): Promise<number> {
  const desk = newDesk();
  const daemon = await startDaemon(desk.dir);
  const job = { url: daemon.url, secret: daemon.secret, connections: 64, rate: 0 };
  const evidence = path.join(desk.dir, ".qoc/evidence");
  const sealed = (): number => readdirSync(evidence).filter((name) => name.endsWith(".json")).length;
  const until = async (count: number): Promise<void> => {
    while (sealed() < count) await new Promise((go) => setTimeout(go, 50));
  };
  await send({ ...job, requests: WARM_UP, salt: `w${round}` });
  await until(WARM_UP);
  const begun = performance.now();
  await send({ ...job, requests, salt: `r${round}` });
  await until(WARM_UP + requests);
  const rate = requests / ((performance.now() - begun) / 1000);
  await daemon.stop();
  desk.remove();
  return rate;
}
