/**
 * What pages that look on cost the ingress: acknowledgements and sealed runs a second with no stream of changes open, and with fifty and what
 * a page asks beside them, on fresh desks in turns; and the processor's time that the daemon takes for a delivery, which other work of the
 * machine disturbs less.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { figure, median } from "./figures.ts";
import { newDesk, openStreams, send, startDaemon } from "./servers.ts";

const STREAMS = 50;
const WARM_UP = 500;

type Rates = { readonly acks: number; readonly sealed: number; readonly cpuUs: number; readonly streamed: number };

export async function streamRounds(rounds: number, requests: number): Promise<void> {
  const without: Rates[] = [];
  const withAll: Rates[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    // Whoever comes second finds another machine than whoever comes first: they change places.
    const order = round % 2 === 0 ? [0, STREAMS] : [STREAMS, 0];
    for (const streams of order) {
      const rates = await ratesWith(streams, requests, `${round}-${streams}`);
      // The first round warms disk and caches and is not counted.
      if (round > 0) (streams === 0 ? without : withAll).push(rates);
    }
  }
  const line = (name: string, unit: string, aim: number, one: (rates: Rates) => number): void => {
    const [off, on] = [without.map(one), withAll.map(one)];
    const ratio = (median(on) / median(off)).toFixed(3);
    console.log(`  ${name.padEnd(16)}${figure(off, unit)}   ${figure(on, unit)}   ratio ${ratio}   aim ${aim}`);
  };
  console.log(`${requests} deliveries, without a stream and with ${STREAMS} streams of changes open`);
  line("acknowledged", "/s", 0.9, ({ acks }) => acks);
  line("sealed", "/s", 0.9, ({ sealed }) => sealed);
  line("of a processor", " µs", 1.1, ({ cpuUs }) => cpuUs);
  const kilobytes = withAll.map(({ streamed }) => streamed / STREAMS / 1024);
  console.log(`  read            ${figure(kilobytes, " KiB")} a stream\n`);
}

async function ratesWith(streams: number, requests: number, salt: string): Promise<Rates> {
  const desk = newDesk();
  const daemon = await startDaemon(desk.dir);
  const job = { url: daemon.url, secret: daemon.secret, connections: 64, rate: 0 };
  const evidence = path.join(desk.dir, ".qoc/evidence");
  const until = async (count: number): Promise<void> => {
    while (readdirSync(evidence).filter((name) => name.endsWith(".json")).length < count)
      await new Promise((go) => setTimeout(go, 50));
  };
  await send({ ...job, requests: WARM_UP, salt: `w${salt}` });
  await until(WARM_UP);
  const readers = streams === 0 ? undefined : await openStreams(daemon.socket, streams);
  const begun = performance.now();
  const cpuBegun = cpuMsOf(daemon.pid);
  const { perSecond: acks } = await send({ ...job, requests, salt: `r${salt}` });
  await until(WARM_UP + requests);
  const sealed = requests / ((performance.now() - begun) / 1000);
  const cpuUs = ((cpuMsOf(daemon.pid) - cpuBegun) * 1000) / requests;
  const streamed = (await readers?.close()) ?? 0;
  await daemon.stop();
  desk.remove();
  return { acks, sealed, cpuUs, streamed };
}

/** All its threads, in user and system; the kernel counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user = 0, system = 0] = fields.split(" ").slice(11, 13).map(Number);
  return (user + system) * 10;
}
