/** How long an acknowledgement takes when 200 a second arrive: an open loop, measured from when each was due. */
import { figure } from "./figures.ts";
import { newDesk, send, startBareRoute, startDaemon } from "./servers.ts";

const RATE = 200;
const REQUESTS = 2_000;

export async function pacedRounds(rounds: number): Promise<void> {
  const bare = await startBareRoute();
  const desk = newDesk();
  const daemon = await startDaemon(desk.dir);
  const p99 = { bare: [] as number[], qoc: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const job = { connections: 16, requests: round === 0 ? 400 : REQUESTS, rate: RATE, salt: `p${round}` };
    const bareResult = await send({ ...job, url: bare.url, secret: bare.secret });
    const qoc = await send({ ...job, url: daemon.url, secret: daemon.secret });
    if (round === 0) continue;
    p99.bare.push(bareResult.p99Ms);
    p99.qoc.push(qoc.p99Ms);
  }
  await daemon.stop();
  await bare.stop();
  desk.remove();
  console.log(`p99 of the acknowledgement at ${RATE} a second`);
  console.log(`  bare route      ${figure(p99.bare, " ms", 1)}`);
  console.log(`  qoc             ${figure(p99.qoc, " ms", 1)}`);
  console.log(
    `  more than bare  ${figure(
      p99.qoc.map((ms, i) => ms - (p99.bare[i] ?? 0)),
      " ms",
      1,
    )}   aim 5\n`,
  );
}
