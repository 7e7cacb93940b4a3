import { join } from "node:path";
import { expect, test } from "vitest";
import { openTables } from "../../../src/adapters/store-lmdb-env.ts";
import { createMailTable, type MailTable } from "../../../src/adapters/store-lmdb-mail.ts";
import { delivery, mailTo } from "../../support/store-changes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const [one, two] = [delivery(1), delivery(2)];
const addressees = (table: MailTable): readonly string[] => [...table.mail()].map(({ mail }) => mail.to);

test("an append that was reported as failed and kept all the same is overwritten by the next one", async () => {
  const tables = openTables(join(temporaryFolder(), "store"));
  let fails = true;
  const mail = createMailTable({
    ...tables,
    turns: async (queue) => {
      await tables.turns(queue);
      if (fails) throw new Error("reported as failed");
    },
  });
  await expect(mail.append([mailTo(one)])).rejects.toThrow("reported as failed");
  expect(addressees(mail)).toEqual([one]);
  fails = false;
  await mail.append([mailTo(two)]);
  expect(addressees(mail)).toEqual([two]);
  await tables.root.close();
});
