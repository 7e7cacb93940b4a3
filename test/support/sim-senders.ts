/** Senders as there are many: they say new things, say them again, say something else under the same name, and remember the answers. */
import type { Instant } from "../../src/core/ids.ts";
import { receive, type Accepted } from "../../src/ingress/receive.ts";
import type { Refusal } from "../../src/core/refusals.ts";
import type { Life } from "./sim-life.ts";
import { conflictOf, messageOf, rawOf, replayOf, webhooks, type Message } from "./sim-webhooks.ts";
import type { Random } from "./seeded-random.ts";

export type Attempt = {
  readonly message: Message;
  readonly at: Instant;
  /** Null until there is an answer; a process that dies gives none. */
  answer: Accepted | Refusal | null;
};

export type Senders = {
  readonly attempts: readonly Attempt[];
  readonly say: (life: Life, now: Instant, message: Message) => void;
  readonly sayNew: (life: Life, now: Instant) => void;
  readonly sayAgain: (life: Life, now: Instant) => void;
  readonly sayOther: (life: Life, now: Instant) => void;
  /** Says something else about what was refused last, instead of saying it again. False when there is nothing such. */
  readonly sayCorrected: (life: Life, now: Instant) => boolean;
  /** Sends each message again that no answer has accepted. True when there was one. */
  readonly sayUnaccepted: (life: Life, now: Instant) => boolean;
};

const MESSAGES_MAX = 40;

export const isAccepted = ({ answer }: Attempt): boolean => answer?.kind === "accepted";
/** Its own words began the run. */
export const isFirst = ({ answer }: Attempt): boolean =>
  answer?.kind === "accepted" && !answer.duplicate && answer.flag === null;

export function createSenders(random: Random): Senders {
  const attempts: Attempt[] = [];
  const messages: Message[] = [];
  let named = 0;
  const number = (): number => (named += 1);
  const oneOf = <T>(all: readonly T[]): T | undefined => all[random.between(0, all.length - 1)];

  function send(life: Life, now: Instant, message: Message): void {
    if (!messages.includes(message)) messages.push(message);
    const attempt: Attempt = { message, at: now, answer: null };
    attempts.push(attempt);
    void receive(life.ingress, message.webhook, rawOf(message), now).then((answer) => (attempt.answer = answer));
  }

  /** Words come to be a replay when a run has begun with them. */
  function otherWords(): Message | undefined {
    const about = oneOf(attempts);
    if (about === undefined) return undefined;
    return isFirst(about) && random.next() < 0.5
      ? replayOf(about.message, number())
      : conflictOf(about.message, number());
  }

  return {
    attempts,
    say: send,
    sayNew: (life, now) => {
      const webhook = oneOf(webhooks);
      if (webhook !== undefined && messages.length < MESSAGES_MAX) send(life, now, messageOf(webhook.name, number()));
    },
    sayAgain: (life, now) => {
      const message = oneOf(messages);
      if (message !== undefined) send(life, now, message);
    },
    sayOther: (life, now) => {
      const message = otherWords();
      if (message !== undefined && messages.length < MESSAGES_MAX) send(life, now, message);
    },
    sayCorrected: (life, now) => {
      const refused = attempts.filter(({ answer }) => answer?.kind === "refused").at(-1);
      const message = refused && conflictOf(refused.message, number());
      if (message === undefined || messages.length >= MESSAGES_MAX) return false;
      send(life, now, message);
      return true;
    },
    sayUnaccepted: (life, now) => {
      const accepted = new Set(attempts.filter(isAccepted).map(({ message }) => message));
      const left = messages.filter((message) => !accepted.has(message));
      for (const message of left) send(life, now, message);
      return left.length > 0;
    },
  };
}
