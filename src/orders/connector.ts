/**
 * The port through which orders leave the desk, and what may come back through it. Nothing that comes back is trusted further than its
 * form: it is strict JSON with decimals as text, and whatever is none of that says nothing about the order.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../core/canonical.ts";
import { orderAddress, type RunId, type Sha256, sha256Of } from "../core/ids.ts";
import { parseIJson } from "../core/json.ts";
import { isPositive, parseDecimal, ZERO } from "./decimal.ts";
import type { Draft } from "./draft.ts";

export type OrderToSend = {
  /** The idempotency key: the same for every attempt at this one order, and for no other order. */
  readonly key: Sha256;
  readonly run: RunId;
  /** Which draft of its run, from 1. */
  readonly number: number;
  /** Of `draft`, which is what was approved: `draft.ts` says of what. */
  readonly digest: Sha256;
  readonly draft: Draft;
};

const decimal = z.string().refine((text) => isPositive(parseDecimal(text) ?? ZERO), "a positive decimal as text");
const reason = z.string().min(1).max(1000);
const reference = z.string().min(1).max(200);
const Fill = z.strictObject({ quantity: decimal, price: decimal }).readonly();
export type Fill = z.infer<typeof Fill>;

const FILLS_MAX = 1000;
const acknowledgements = [
  z
    .strictObject({
      kind: z.literal("filled"),
      fills: z.array(Fill).min(1).max(FILLS_MAX).readonly(),
      reference: reference.nullable().default(null),
    })
    .readonly(),
  z.strictObject({ kind: z.literal("accepted"), reference }).readonly(),
  z.strictObject({ kind: z.literal("refused"), reason }).readonly(),
  z.strictObject({ kind: z.literal("unclear"), reason }).readonly(),
] as const;
const Acknowledgement = z.discriminatedUnion("kind", acknowledgements);
const Answer = z.discriminatedUnion("kind", [
  ...acknowledgements,
  z.strictObject({ kind: z.literal("not_seen") }).readonly(),
  z.strictObject({ kind: z.literal("cannot_tell"), reason }).readonly(),
]);

/**
 * `refused` and only `refused` says that nothing was sent and nothing will be. `accepted`: it is at the venue, and what comes of it the
 * venue says. `unclear`: it may have been sent.
 */
export type Acknowledgement = z.infer<typeof Acknowledgement>;
/** `not_seen`: no order with this key was ever taken in, so that it may be sent. */
export type Answer = z.infer<typeof Answer>;

export interface Connector {
  /** Sends it, or does nothing when an order with this key was sent before. May reject: then it may have been sent. */
  readonly submit: (order: OrderToSend) => Promise<Acknowledgement>;
  /** What became of the order with this key. Sends nothing. */
  readonly ask: (key: Sha256) => Promise<Answer>;
}

/** Stable over retries and resumes: the same draft of the same run has the same key, and nothing else has it. */
export const orderKeyOf = (run: RunId, draft: number, digest: Sha256): Sha256 =>
  sha256Of(
    createHash("sha256")
      .update(`qoc.order/v1\n${digest}\n${orderAddress(run, draft)}`)
      .digest("hex"),
  );

/** What a command connector reads on its standard input: one line. */
export const writeSubmission = (order: OrderToSend): Uint8Array =>
  Buffer.from(`${canonical({ schema: "qoc.submit/v1", ...order })}\n`);

export const writeQuestion = (key: Sha256): Uint8Array => Buffer.from(`${canonical({ schema: "qoc.ask/v1", key })}\n`);

/** Undefined for whatever is no acknowledgement. Never throws. */
export const readAcknowledgement = (output: Uint8Array): Acknowledgement | undefined =>
  Acknowledgement.safeParse(jsonIn(output)).data;

/** Undefined for whatever is no answer. Never throws. */
export const readAnswer = (output: Uint8Array): Answer | undefined => Answer.safeParse(jsonIn(output)).data;

const BOUNDS = { depthMax: 4, valuesMax: 4 * FILLS_MAX };

/** The reader of ours refuses what `JSON.parse` would settle in silence: two members of one name. */
const jsonIn = (output: Uint8Array): unknown =>
  parseIJson(output, BOUNDS).kind === "json" ? JSON.parse(Buffer.from(output).toString("utf8")) : undefined;
