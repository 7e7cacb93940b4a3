/**
 * A process that fills paper orders until it is killed, each twice, and says which are filled: `f <key>`. Started as
 * `node --import tsx test/support/paper-process.ts <dir> <first>`.
 */
import { paperConnector } from "../../src/adapters/connector-paper.ts";
import { createPaperLedger } from "../../src/adapters/paper-ledger.ts";
import { orderToSend, quote } from "../unit/adapters/paper-support.ts";

async function main(dir: string, first: number): Promise<never> {
  const paper = paperConnector({
    ledger: createPaperLedger(dir),
    quoteOf: () => quote("120.25", "120.50"),
    now: () => Date.UTC(2026, 6, 5),
  });
  for (let number = first; ; number += 1) {
    const order = orderToSend(number);
    const said = await Promise.all([paper.submit(order), paper.submit(order)]);
    if (said.some(({ kind }) => kind !== "filled")) throw new Error(JSON.stringify(said));
    process.stdout.write(`f ${order.key}\n`);
  }
}

await main(process.argv[2] ?? "", Number(process.argv[3]));
