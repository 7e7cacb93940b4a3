/** Deliveries to `sealed` a second, inbox file and envelope included: from the first request until nothing is unfinished. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { figure } from "./figures.ts";
import { newDesk, send, startDaemon } from "./servers.ts";

const REQUESTS = 6_000;

export async function sealedRounds(rounds: number): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const desk = newDesk();
    const daemon = await startDaemon(desk.dir);
    await send({ url: daemon.url, secret: daemon.secret, requests: 500, connections: 64, rate: 0, salt: `w${round}` });
    const sealed = (): number =>
      readdirSync(path.join(desk.dir, ".qoc/evidence")).filter((name) => name.endsWith(".json")).length;
    while (sealed() < 500) await new Promise((go) => setTimeout(go, 50));
    const begun = performance.now();
    await send({
      url: daemon.url,
      secret: daemon.secret,
      requests: REQUESTS,
      connections: 64,
      rate: 0,
      salt: `r${round}`,
    });
    while (sealed() < 500 + REQUESTS) await new Promise((go) => setTimeout(go, 20));
    if (round > 0) rates.push(REQUESTS / ((performance.now() - begun) / 1000));
    await daemon.stop();
    desk.remove();
  }
  console.log(`deliveries to sealed, ${REQUESTS} sent as fast as they are acknowledged, start of the sender included`);
  console.log(`  qoc             ${figure(rates, "/s")}   aim 1200\n`);
}
