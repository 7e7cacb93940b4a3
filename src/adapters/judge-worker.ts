/** The thread that judges large bodies. One at a time, in the order they came; `judge-aside.ts` starts it. */
import { parentPort } from "node:worker_threads";
import { assert, reasonOf } from "../core/assert.ts";
import type { RawDelivery } from "../core/delivery.ts";
import type { Instant } from "../core/ids.ts";
import type { WebhookRuntime } from "../ingress/desk-ingress.ts";
import { judge, type Judged } from "../ingress/judge.ts";

export type JudgeMessage = {
  readonly number: number;
  readonly raw: RawDelivery;
  readonly webhook: WebhookRuntime;
  readonly workspace: string;
  readonly now: Instant;
};
export type JudgedMessage = {
  readonly number: number;
  /** Without the bytes as received: whoever asked has them. */
  readonly answer: Judged | { readonly kind: "failed"; readonly reason: string };
};

assert(parentPort !== null, "the judge's worker runs in a worker thread");
const port = parentPort;

const NOTHING = new Uint8Array(0);

port.on("message", ({ number, raw, webhook, workspace, now }: JudgeMessage) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  port.postMessage({ number, answer: answerTo({ raw, webhook, workspace, now }) } satisfies JudgedMessage);
});

function answerTo({ raw, webhook, workspace, now }: Omit<JudgeMessage, "number">): JudgedMessage["answer"] {
  try {
    const judged = judge(raw, webhook, workspace, now);
    if (judged.kind === "unverified") return judged;
    const { delivery } = judged;
    const isAsReceived = delivery.redactions === null;
    const request = isAsReceived ? { ...delivery.request, bytes: NOTHING } : delivery.request;
    return { kind: "judged", delivery: { ...delivery, request, raw: NOTHING } };
  } catch (thrown) {
    return { kind: "failed", reason: reasonOf(thrown) };
  }
}
