import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { order } from "../../../machines/order.ts";
import { orderAddress, sha256Of } from "../../../src/core/ids.ts";
import type { OrderEvent } from "../../../src/core/order.ts";
import { checkOrderFile } from "../../../src/fsck/check-order-file.ts";
import { DIGEST, DRAFT, RUN } from "../../support/delivery-words.ts";
import { begin, PENDING, tell } from "../../support/machine-given.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const FILE = "orders/executed/20260705T142200Z_NVDA_buy.toml";
const told = (event: OrderEvent): OrderEvent => event;
const { record, entries: journal } = tell(
  begin(order, orderAddress(RUN, 1), null),
  told({ type: "PROPOSED", run: RUN, draft: 1, file: "orders/proposed/x.toml", digest: DIGEST, content: DRAFT }),
  told({ type: "APPROVED", digest: DIGEST, content: DRAFT, by: ["ada"] }),
  { type: "DISPATCHING" },
  told({ type: "SETTLED", outcome: "executed", reason: null, acknowledgement: null }),
  told({ type: "EFFECT_DONE", effect: PENDING, file: FILE, wrote: [{ file: FILE, content: DRAFT }] }),
);

function findings(text: string | null): readonly string[] {
  const dir = temporaryFolder();
  mkdirSync(path.join(dir, "orders/executed"), { recursive: true });
  if (text === null) rmSync(path.join(dir, FILE), { force: true });
  else writeFileSync(path.join(dir, FILE), text);
  return [...checkOrderFile({ record, journal }, dir)].map(({ code, at }) => `${code} ${at}`);
}

test.each([
  ["says what was sent", `[outcome]\ndigest = "${DIGEST}"\n`],
  ["has a person's words below it", `[outcome]\ndigest = "${DIGEST}"\n# seen\n`],
  ["is gone", null],
])("an executed order whose file %s is sound", (_says, text) => {
  expect(findings(text)).toEqual([]);
});

test("one whose file says another digest is not", () => {
  const other = sha256Of("f".repeat(64));
  expect(findings(`[outcome]\ndigest = "${other}"\n`)).toEqual([`ORDER_FILE_DIFFERS ${FILE}`]);
});
