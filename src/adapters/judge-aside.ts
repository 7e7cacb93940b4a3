/** Judges large bodies in a thread of its own, which is started with the first of them and again when it dies. */
import type { Worker } from "node:worker_threads";
import { reasonOf } from "../core/assert.ts";
import type { DeskIngress } from "../ingress/desk-ingress.ts";
import type { Judged } from "../ingress/judge.ts";
import type { JudgedMessage, JudgeMessage } from "./judge-worker.ts";
import { startThread } from "./thread.ts";

export type JudgeAside = {
  /** Rejects when the thread died over the body: nothing is known of the delivery then, and nothing is kept. */
  readonly judge: DeskIngress["judgeAside"];
  readonly close: () => Promise<void>;
};

type Asked = {
  readonly body: Uint8Array;
  readonly resolve: (judged: Judged) => void;
  readonly reject: (error: unknown) => void;
};

export const startJudgeWorker = (): Worker => startThread("judge-worker", import.meta.url, undefined);

export function createJudgeAside(startWorker: () => Worker = startJudgeWorker): JudgeAside {
  const asked = new Map<number, Asked>();
  let numbers = 0;
  let worker: Worker | undefined;

  function start(): Worker {
    const started = startWorker();
    let died = "the thread ended";
    started.on("message", ({ number, answer }: JudgedMessage) => {
      const waiting = asked.get(number);
      asked.delete(number);
      if (answer.kind === "failed") waiting?.reject(new Error(answer.reason));
      else waiting?.resolve(withBody(answer, waiting.body));
    });
    started.on("error", (error) => {
      died = reasonOf(error);
    });
    started.on("exit", () => {
      worker = undefined;
      for (const { reject } of asked.values()) reject(new Error(died));
      asked.clear();
    });
    started.unref();
    return started;
  }

  return {
    judge: (raw, webhook, workspace, now) =>
      new Promise((resolve, reject) => {
        const number = (numbers += 1);
        asked.set(number, { body: raw.body, resolve, reject });
        worker ??= start();
        // A copy goes over, and none comes back but of what was filtered.
        const body = new Uint8Array(raw.body);
        const message: JudgeMessage = { number, raw: { ...raw, body }, webhook, workspace, now };
        try {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
          worker.postMessage(message, [body.buffer]);
        } catch (thrown) {
          asked.delete(number);
          reject(thrown);
        }
      }),
    close: async () => {
      await worker?.terminate();
    },
  };
}

function withBody(judged: Judged, raw: Uint8Array): Judged {
  if (judged.kind === "unverified") return judged;
  const { delivery } = judged;
  const request = delivery.redactions === null ? { ...delivery.request, bytes: raw } : delivery.request;
  return { kind: "judged", delivery: { ...delivery, request, raw } };
}
