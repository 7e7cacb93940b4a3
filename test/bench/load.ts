/**
 * A sender for the benchmarks: keep-alive connections, each with one signed request in flight, requests built before the clock
 * starts so that the sender costs as little as it can. Every body is different: a redelivery would be another measurement.
 * Run as a process of its own: `tsx load.ts '{"url":…}'` prints one line of JSON.
 */
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { z } from "zod";

export type LoadJob = {
  readonly url: string;
  readonly secret: string;
  readonly connections: number;
  readonly requests: number;
  /** Requests a second over all connections; 0 sends as fast as answers come. */
  readonly rate: number;
  /** Makes the bodies of this job different from those of others. */
  readonly salt: string;
};

export type LoadResult = {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const payload = (salt: string, n: number): string =>
  `{"event":"price_alert","symbol":"MSFT","trigger_price":420.00,"current_price":421.35,"direction":"above","alert_name":"MSFT 420 break","timestamp":"2026-07-05T13:45:00Z","n":"${salt}-${n}"}`;

function requestOf(target: URL, secret: string, salt: string, n: number): Buffer {
  const body = Buffer.from(payload(salt, n));
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const head = `POST ${target.pathname} HTTP/1.1\r\nHost: ${target.host}\r\nContent-Type: application/json\r\nX-Qoc-Signature: sha256=${signature}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Reads an answer's status and end; answers of the measured servers have a content length. */
function answerIn(text: string): { readonly status: number; readonly bytes: number } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  const bytes = end + 4 + Number(length ?? 0);
  return text.length < bytes ? undefined : { status: Number(text.slice(9, 12)), bytes };
}

export async function load(job: LoadJob): Promise<LoadResult> {
  const target = new URL(job.url);
  const requests = Array.from({ length: job.requests }, (_, n) => requestOf(target, job.secret, job.salt, n));
  const latencies: number[] = [];
  const count = { accepted: 0, refused: 0 };
  let next = 0;
  const begun = performance.now();
  const dueAt = (n: number): number => (job.rate === 0 ? 0 : begun + (n * 1000) / job.rate);

  const connection = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(target.port), target.hostname);
      socket.setNoDelay(true);
      let sentAt = 0;
      let pending = "";
      const send = (): void => {
        const n = next;
        const request = requests[n];
        if (request === undefined) {
          socket.destroy();
          resolve();
          return;
        }
        next += 1;
        const wait = dueAt(n) - performance.now();
        const go = (): void => {
          // An open loop measures from when the request was due, so that a stalled server cannot hide the wait.
          sentAt = job.rate === 0 ? performance.now() : Math.max(dueAt(n), begun);
          socket.write(request);
        };
        if (wait > 0) setTimeout(go, wait);
        else go();
      };
      socket.on("connect", send);
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        pending += chunk.toString("latin1");
        const answer = answerIn(pending);
        if (answer === undefined) return;
        pending = pending.slice(answer.bytes);
        latencies.push(performance.now() - sentAt);
        count[answer.status === 202 ? "accepted" : "refused"] += 1;
        send();
      });
    });

  await Promise.all(Array.from({ length: job.connections }, connection));
  const seconds = (performance.now() - begun) / 1000;
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { ...count, seconds, perSecond: count.accepted / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const Job = z.object({
  url: z.string(),
  secret: z.string(),
  connections: z.number(),
  requests: z.number(),
  rate: z.number(),
  salt: z.string(),
});
if (process.argv[2] !== undefined) console.log(JSON.stringify(await load(Job.parse(JSON.parse(process.argv[2])))));
