/** Bodies of 25 MB, one after the other, beside small deliveries at 100 a second: what they do to the event loop, to the others and to memory. */
import { createHmac } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { figure } from "./figures.ts";
import { newDesk, send, startDaemon } from "./servers.ts";

const BYTES = 25 * 1024 * 1024 - 1024;
const LARGE = 6;
const PACED = { connections: 16, rate: 100, requests: 800 };

const TOML =
  '\n[[webhook]]\nname = "big"\nprovider = "github"\nsecret = "env:WEBHOOK_SECRET_PRICE_ALERT"\naction = "inbox"\n';

/** A push with as many commits as fit: what GitHub sends after an import. */
function pushOf(n: number): Buffer {
  const commit = { id: "c".repeat(40), message: "x".repeat(180), added: ["a/b"], author: { name: "ada" } };
  const count = Math.floor((BYTES - 400) / (JSON.stringify(commit).length + 1));
  const commits = Array.from({ length: count }, () => commit);
  const [before, after] = [n, n + 1].map((of) => `${of}`.padStart(40, "a"));
  const repository = { full_name: "octo/desk" };
  return Buffer.from(JSON.stringify({ ref: "refs/heads/main", before, after, repository, commits }));
}

async function post(url: string, secret: string, n: number): Promise<{ readonly status: number; readonly ms: number }> {
  const body = pushOf(n);
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const begun = performance.now();
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": `large-${n}`,
      "x-hub-signature-256": `sha256=${signature}`,
    },
    body,
  });
  await answer.arrayBuffer();
  return { status: answer.status, ms: performance.now() - begun };
}

const peakMiB = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

export async function largeRounds(): Promise<void> {
  const desk = newDesk();
  appendFileSync(path.join(desk.dir, "desk.toml"), TOML);
  const daemon = await startDaemon(desk.dir);
  await send({ ...PACED, url: daemon.url, secret: daemon.secret, salt: "warm" });
  await daemon.loopDelay();
  const alone = await send({ ...PACED, url: daemon.url, secret: daemon.secret, salt: "alone" });
  const before = { loop: await daemon.loopDelay(), peak: peakMiB(daemon.pid) };
  const paced = send({ ...PACED, url: daemon.url, secret: daemon.secret, salt: "beside" });
  const large: number[] = [];
  for (let n = 0; n < LARGE; n += 1) {
    const { status, ms } = await post(daemon.url.replace("price-alert", "big"), daemon.secret, n);
    if (status !== 202) throw new Error(`the large one was answered ${status}`);
    large.push(ms);
  }
  const beside = await paced;
  const after = { loop: await daemon.loopDelay(), peak: peakMiB(daemon.pid) };
  await daemon.stop();
  desk.remove();
  console.log(`${LARGE} bodies of 25 MB beside ${PACED.rate} small deliveries a second`);
  console.log(`  large, answered after  ${figure(large, " ms")}`);
  console.log(`  small p50, p99 alone   ${alone.p50Ms.toFixed(1)} ms, ${alone.p99Ms.toFixed(1)} ms`);
  console.log(`  small p50, p99 beside  ${beside.p50Ms.toFixed(1)} ms, ${beside.p99Ms.toFixed(1)} ms`);
  console.log(`  event loop             ${before.loop}; beside: ${after.loop}   aim: p99 under 50 ms`);
  console.log(`  peak memory            ${before.peak.toFixed(0)} MiB, then ${after.peak.toFixed(0)} MiB\n`);
}
