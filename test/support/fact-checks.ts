/** What holds of facts, whatever the delivery was. Each broken promise is a sentence; none is an empty list. */
import type { Facts, OrderSignal } from "../../src/core/delivery.ts";

const FACT_CHARS_MAX = 256;
const SUBJECT_CHARS_MAX = 300;
const MARK_CHARS_MAX = 1024;
const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const CONTROL_OR_HALF = /[\p{Cc}\p{Cs}]/u;

export const FACT_NAMES = [
  "actor",
  "commit_sha",
  "delivery_id",
  "event_type",
  "external_event_id",
  "order",
  "payload",
  "project",
  "provider",
  "ref",
  "subject_key",
];

const isName = (text: string, charsMax: number): boolean =>
  text !== "" && text.length <= charsMax && !CONTROL_OR_HALF.test(text);
const isCommit = (text: string): boolean => FULL_COMMIT.test(text) && !/^0+$/.test(text);

export function brokenPromises(facts: Facts, provider: string): readonly string[] {
  const { event_type, external_event_id, actor, project, ref } = facts;
  const broken: string[] = [];
  const promise = (holds: boolean, says: string): void => {
    if (!holds) broken.push(says);
  };
  promise(facts.provider === provider, "they are the provider's");
  promise(["json", "form", "unparsable"].includes(facts.payload), "they say how the payload was read");
  promise(
    Object.keys(facts).toSorted().join() === FACT_NAMES.join(),
    "they are the facts that there are, and no others",
  );
  for (const [name, text] of Object.entries({ event_type, external_event_id, actor, project, ref })) {
    promise(text === null || isName(text, FACT_CHARS_MAX), `${name} is a name`);
  }
  promise(isName(facts.delivery_id, FACT_CHARS_MAX), "the delivery has an id that is a name");
  promise(facts.subject_key === null || isName(facts.subject_key, SUBJECT_CHARS_MAX), "the subject is a name");
  promise(facts.commit_sha === null || isCommit(facts.commit_sha), "the commit is full and not zero");
  promise(facts.order === null || isOrder(facts.order), "the order is well formed");
  return broken;
}

function isOrder(order: OrderSignal): boolean {
  switch (order.kind) {
    case "mark":
      return isName(order.mark, MARK_CHARS_MAX) && Number.isSafeInteger(order.rank) && order.rank >= 0;
    case "chain": {
      const ends = [order.before, order.after].filter((end) => end !== null);
      const { mark, forced } = order;
      return (
        ends.length > 0 &&
        ends.every(isCommit) &&
        typeof forced === "boolean" &&
        (mark === null || isName(mark, MARK_CHARS_MAX))
      );
    }
  }
}
