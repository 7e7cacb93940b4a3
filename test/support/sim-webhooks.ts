/** The webhooks of the simulated desk, one for each way that a delivery can go, and what their senders say. */
import type { RawDelivery } from "../../src/core/delivery.ts";
import type { WebhookRuntime } from "../../src/ingress/desk-ingress.ts";
import { signatureOf, signed, webhook } from "./ingress-desk.ts";

const { policy } = webhook();

export const webhooks: readonly WebhookRuntime[] = [
  webhook({ name: "alerts" }),
  webhook({ name: "orders", dedupe: { kind: "id+body" } }),
  webhook({ name: "tickets", dedupe: { kind: "path", pointer: "/ticket" } }),
  webhook({
    name: "commits",
    map: { event: "/event", commit_sha: "/commit" },
    policy: { ...policy, on_partial: "wait", context_timeout_ms: 120_000 },
  }),
  webhook({
    name: "pushes",
    sender: { kind: "preset", name: "github" },
    dedupe: { kind: "id+body" },
    policy: { ...policy, on_gap: "wait", hold_timeout_ms: 90_000 },
  }),
  webhook({
    name: "builds",
    map: { event: "/event", commit_sha: "/commit", subject: "/build", updated_at: "/n" },
    policy: { ...policy, on_partial: "wait", context_timeout_ms: 150_000 },
  }),
  webhook({ name: "agents", policy: { ...policy, action: "run", task: "look", approval_timeout_ms: 300_000 } }),
];

export type Message = {
  /** What it is about. All messages of one identity belong to one run. */
  readonly identity: string;
  readonly webhook: string;
  readonly id: string | null;
  readonly body: string;
};

/** The n-th thing that this webhook's sender has to say. */
export function messageOf(name: string, n: number): Message {
  const identity = `${name} ${n}`;
  const said = (fields: object): string => JSON.stringify({ event: "said", ...fields, price: 420 });
  switch (name) {
    case "orders":
      return { identity, webhook: name, id: `order-${n}`, body: said({ order: n }) };
    case "tickets":
      return { identity, webhook: name, id: null, body: said({ ticket: `t-${n}` }) };
    case "pushes": {
      // Two branches, each link of one behind the one before.
      const [before, after] = [n - 2, n].map(commitOf);
      const push = { ref: `refs/heads/${n % 2}`, before, after, repository: { full_name: "octo/desk" } };
      return { identity, webhook: name, id: `push-${n}`, body: said(push) };
    }
    case "builds":
      return {
        identity,
        webhook: name,
        id: null,
        body: said({ n, build: `b${n % 2}`, ...(n % 3 === 0 ? { commit: commitOf(n) } : {}) }),
      };
    case "commits":
      return {
        identity,
        webhook: name,
        id: null,
        body: said({ n, ...(n % 2 === 0 ? { commit: "c".repeat(40) } : {}) }),
      };
    default:
      return { identity, webhook: name, id: null, body: said({ n }) };
  }
}

const commitOf = (n: number): string => `${n + 10}`.padStart(40, "c");

/** It goes under another id than the words it repeats. */
export const isReplay = ({ id }: Message): boolean => id?.startsWith("replay") ?? false;

/** Other words about the same thing: a conflict. Undefined where nothing else would say what it is about. */
export function conflictOf(message: Message, n: number): Message | undefined {
  const { webhook: name, body } = message;
  return ((name === "orders" || name === "pushes") && !isReplay(message)) || name === "tickets"
    ? { ...message, body: `${body.slice(0, -1)},"again_${n}":true}` }
    : undefined;
}

/** The same words under another id: a suspected replay. */
export const replayOf = (message: Message, n: number): Message | undefined =>
  message.webhook === "orders" || message.webhook === "pushes" ? { ...message, id: `replay-${n}` } : undefined;

export const rawOf = ({ webhook: name, id, body }: Message): RawDelivery =>
  name === "pushes"
    ? signed(body, {
        "x-qoc-signature": undefined,
        "x-hub-signature-256": signatureOf(body),
        "x-github-event": "push",
        "x-github-delivery": id ?? undefined,
      })
    : signed(body, { "x-qoc-delivery": id ?? undefined });
