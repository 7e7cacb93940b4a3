/** A sender as there are many: signs, posts, and comes again until it is told 202. */
import { createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { SECRET } from "./desk-folder.ts";

/** `delivery_id` goes into `X-Qoc-Delivery`. */
export type Delivery = { readonly webhook: string; readonly delivery_id?: string; readonly body: string };

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON of the answer. */
  readonly body: Readonly<Record<string, unknown>>;
};

/** What a 202 says. */
export type Taken = { readonly run: string; readonly duplicate: boolean };

const ANSWER_MS_MAX = 10_000;

export const signed = (body: string | Uint8Array, secret = SECRET): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

/** One request. @throws when no answer comes */
export async function post(
  ingress: string,
  desk: string,
  { webhook, delivery_id, body }: Delivery,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const id: Record<string, string> = delivery_id === undefined ? {} : { "x-qoc-delivery": delivery_id };
  const answer = await fetch(`${ingress}/webhook/${desk}/${webhook}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-qoc-signature": signed(body), ...id, ...headers },
    body,
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) };
}

export type Attempts = {
  readonly taken: Taken;
  /** Requests that were made, the last one included. Any of those before may have been taken too. */
  readonly attempts: number;
};

export type SenderWorld = {
  readonly desk: string;
  /** Where the daemon is now; undefined while there is none. */
  readonly ingress: () => string | undefined;
  readonly pauseMs: () => number;
};

/** Comes again after a lost connection and after 503, as the contract says. @throws at any other answer */
export async function sendUntilTaken(world: SenderWorld, delivery: Delivery): Promise<Attempts> {
  for (let attempts = 0; ;) {
    const ingress = world.ingress();
    if (ingress !== undefined) {
      attempts += 1;
      const answer = await post(ingress, world.desk, delivery).catch(() => undefined);
      if (answer?.status === 202) return { taken: takenIn(answer), attempts };
      // A killed daemon's port may be somebody else's by now: what answers there says nothing.
      const itself = world.ingress() === ingress;
      if (answer !== undefined && answer.status !== 503 && itself) {
        throw new Error(`${delivery.webhook} answered ${answer.status} ${JSON.stringify(answer.body)}`);
      }
    }
    await pause(world.pauseMs());
  }
}

function takenIn({ body }: Answer): Taken {
  const { run, duplicate } = body;
  if (typeof run !== "string" || typeof duplicate !== "boolean")
    throw new Error(`a 202 of another form: ${JSON.stringify(body)}`);
  return { run, duplicate };
}
