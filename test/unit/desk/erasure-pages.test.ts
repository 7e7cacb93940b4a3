/** Which of a run's inbox pages an erasure takes away. */
import { expect, test } from "vitest";
import { delivery } from "../../../machines/delivery.ts";
import { factsOf } from "../../../src/core/delivery-journal.ts";
import { assert } from "../../../src/core/assert.ts";
import { deliveryAddress } from "../../../src/core/ids.ts";
import { INBOX_STATUSES } from "../../../src/core/inbox.ts";
import { removePages } from "../../../src/desk/erasure-pages.ts";
import { renderInboxItem } from "../../../src/desk/inbox-item.ts";
import { withInboxStatus } from "../../../src/desk/inbox-page.ts";
import { asJson, BODY, inputWith, normalized, recorded, RUN, VERIFIED } from "../../support/delivery-words.ts";
import { begin, tell } from "../../support/machine-given.ts";

const input = inputWith();
const { entries } = tell(begin(delivery, deliveryAddress(RUN), asJson(input)), VERIFIED, normalized(), recorded());
const body = Buffer.from("{}");
const { webhook, received_at, run, request } = input;
const facts = factsOf(entries);
assert(facts !== undefined, "the run has facts");
const shown = { sha256: BODY, media_type: request.media_type, body, body_bytes: request.bytes };
const written = renderInboxItem({
  kind: "inbox",
  dir: "/desk",
  run,
  webhook,
  received_at,
  facts,
  ...shown,
  notice: null,
});

async function removing(there: Uint8Array) {
  const file = `inbox/${written.names[0]}`;
  const removed: string[] = [];
  const edited = await removePages("/desk", entries, () => body, {
    read: (name) => (name === file ? there : undefined),
    remove: (name) => Promise.resolve(void removed.push(name)),
  });
  return { file, removed, edited };
}

test.each(INBOX_STATUSES)("a page that a person has marked %s goes as one that nobody touched", async (status) => {
  const { file, removed, edited } = await removing(withInboxStatus(written.bytes, status) ?? Buffer.alloc(0));
  expect([removed, edited]).toEqual([[file], []]);
});

test("a page with a word of a person's stays, marked or not", async () => {
  const more = Buffer.concat([written.bytes, Buffer.from("Seen by me.\n")]);
  for (const there of [more, withInboxStatus(more, "done") ?? more]) {
    const { file, removed, edited } = await removing(there);
    expect([removed, edited]).toEqual([[], [file]]);
  }
});
