/** Durable acknowledgements a second at 64 connections, each round beside the bare route. */
import { figure } from "./figures.ts";
import type { LoadResult } from "./load.ts";
import { newDesk, send, startBareRoute, startDaemon } from "./servers.ts";

/** A burst of this size fits into the room for mail: what follows the 202 may wait, and does. */
const REQUESTS = 10_000;
const CONNECTIONS = 64;

export async function ackRounds(rounds: number): Promise<void> {
  const bare = await startBareRoute();
  const pairs: { readonly bare: LoadResult; readonly qoc: LoadResult }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const desk = newDesk();
    const daemon = await startDaemon(desk.dir);
    const job = { connections: CONNECTIONS, rate: 0 };
    // Both processes are warmed up alike, and the daemon's backlog of the warm-up is worked off before the round.
    await send({ ...job, url: bare.url, secret: bare.secret, requests: 3_000, salt: `w${round}` });
    await send({ ...job, url: daemon.url, secret: daemon.secret, requests: 3_000, salt: `w${round}` });
    while ((await daemon.unfinished()) > 0) await new Promise((go) => setTimeout(go, 200));
    const bareResult = await send({
      ...job,
      url: bare.url,
      secret: bare.secret,
      requests: REQUESTS,
      salt: `r${round}`,
    });
    const qoc = await send({ ...job, url: daemon.url, secret: daemon.secret, requests: REQUESTS, salt: `r${round}` });
    // The first round warms disk and caches and is not counted.
    if (round > 0) pairs.push({ bare: bareResult, qoc });
    await daemon.stop();
    desk.remove();
  }
  await bare.stop();
  console.log(`durable acknowledgements, ${CONNECTIONS} connections, ${REQUESTS} requests`);
  console.log(
    `  bare route      ${figure(
      pairs.map((pair) => pair.bare.perSecond),
      "/s",
    )}`,
  );
  console.log(
    `  qoc             ${figure(
      pairs.map((pair) => pair.qoc.perSecond),
      "/s",
    )}`,
  );
  console.log(
    `  ratio           ${figure(
      pairs.map((pair) => pair.qoc.perSecond / pair.bare.perSecond),
      "",
      2,
    )}   aim 0.65`,
  );
  console.log(
    `  qoc p50, p99    ${figure(
      pairs.map((pair) => pair.qoc.p50Ms),
      " ms",
      1,
    )}, ${figure(
      pairs.map((pair) => pair.qoc.p99Ms),
      " ms",
      1,
    )}`,
  );
  console.log(
    `  bare p50, p99   ${figure(
      pairs.map((pair) => pair.bare.p50Ms),
      " ms",
      1,
    )}, ${figure(
      pairs.map((pair) => pair.bare.p99Ms),
      " ms",
      1,
    )}\n`,
  );
}
