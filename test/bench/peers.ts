/** `npm run bench:peers`: a peer beside ours in one run, where `redis-server` is installed. It prints; nothing here is an assertion. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { figure } from "./figures.ts";
import { isBuilt, send, startScript } from "./servers.ts";
import { sealedRate } from "./sealed.ts";

const REQUESTS = 6_000;
const WARM_UP = 500;

if (!isBuilt()) throw new Error("npm run build first");
if (spawnSync("redis-server", ["--version"]).status !== 0) {
  console.log("skipped: redis-server is not installed");
} else {
  const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
  const rates = { peer: [] as number[], qoc: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const peer = await bullmqRate(round);
    const qoc = await sealedRate(REQUESTS, round);
    if (round === 0) continue;
    rates.peer.push(peer);
    rates.qoc.push(qoc);
  }
  console.log(
    `deliveries a second, ${REQUESTS} sent as fast as they are acknowledged, ${rounds} rounds, medians (least to most)`,
  );
  console.log(
    `  fastify, BullMQ, Redis with appendfsync always: to completed, no evidence   ${figure(rates.peer, "/s")}`,
  );
  console.log(
    `  qoc: to sealed, inbox file and envelope included                            ${figure(rates.qoc, "/s")}`,
  );
  console.log(
    `  ratio ${figure(
      rates.qoc.map((rate, i) => rate / (rates.peer[i] ?? 1)),
      "",
      2,
    )}   aim 1.3`,
  );
}

async function bullmqRate(round: number): Promise<number> {
  const dir = mkdtempSync(path.join(os.tmpdir(), "qoc-peer-"));
  const port = await freePort();
  const redis = spawn(
    "redis-server",
    [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      dir,
      "--appendonly",
      "yes",
      "--appendfsync",
      "always",
      "--save",
      "",
    ],
    { stdio: "ignore" },
  );
  await answers(port);
  const server = await startScript("peer-bullmq.ts", ["a secret of the peer", String(port)]);
  const job = {
    url: `${server.url}/webhook/bench/price-alert`,
    secret: "a secret of the peer",
    connections: 64,
    rate: 0,
  };
  await send({ ...job, requests: WARM_UP, salt: `w${round}` });
  await until(server.url, WARM_UP);
  const begun = performance.now();
  await send({ ...job, requests: REQUESTS, salt: `r${round}` });
  await until(server.url, WARM_UP + REQUESTS);
  const rate = REQUESTS / ((performance.now() - begun) / 1000);
  await server.stop();
  const gone = new Promise((resolve) => redis.once("exit", resolve));
  redis.kill("SIGKILL");
  await gone;
  rmSync(dir, { recursive: true, force: true });
  return rate;
}

async function until(url: string, count: number): Promise<void> {
  for (;;) {
    const answer: unknown = await (await fetch(`${url}/completed`)).json();
    if (typeof answer === "object" && answer !== null && "completed" in answer && Number(answer.completed) >= count)
      return;
    await new Promise((go) => setTimeout(go, 20));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Resolves when something listens there. */
async function answers(port: number): Promise<void> {
  for (let left = 100; left > 0; left -= 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error("redis-server does not answer");
}
