import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fsck } from "../../../src/fsck/fsck.ts";
import { rotateDeskKeys } from "../../../src/main-keys.ts";
import { beginEpoch } from "../../../src/main-new-epoch.ts";
import { leaveStuckAndParked, live, liveThrough, WORKSPACE } from "../../support/lived-desk.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const newDesk = (): string => {
  const dir = join(temporaryFolder(), "desk");
  mkdirSync(dir);
  return dir;
};

describe("fsck finds nothing", () => {
  test("in a desk that has seen everything, whether in one thread or in several", { timeout: 60_000 }, async () => {
    const dir = newDesk();
    await liveThrough(dir);
    await leaveStuckAndParked(dir);
    for (const threads of [0, 2]) {
      const { counts, actors, envelopes, leaves } = await fsck({ dir, workspace: WORKSPACE, threads });
      expect(counts).toEqual([]);
      expect([actors, envelopes, leaves]).toEqual([22, 14, 27]);
    }
  });

  test(
    "in a desk with an erased run, another key and a second epoch, each by itself and all together",
    { timeout: 60_000 },
    async () => {
      const dir = newDesk();
      const found = async () => {
        const { findings, envelopes, leaves } = await fsck({ dir, workspace: WORKSPACE });
        return { findings, envelopes, leaves };
      };
      const first = await live(dir);
      const [gone, stays] = [
        await first.send("price-alert", '{"n":1}', "E-1"),
        await first.send("price-alert", '{"n":2}', "E-2"),
      ];
      await first.quiet();
      await first.send("price-alert", '{"n":"other"}', "E-1");
      await first.quiet();
      expect(gone).not.toBe(stays);
      const erase = { type: "ERASE", reason: "asked for" };
      await first.tell(gone, erase);
      await first.quiet();
      await first.close();
      expect(await found()).toEqual({ findings: [], envelopes: 3, leaves: 2 + 3 + 2 });

      await rotateDeskKeys(dir, WORKSPACE);
      const second = await live(dir);
      await second.send("price-alert", '{"n":3}', "E-3");
      await second.quiet();
      await second.close();
      expect(await found()).toEqual({ findings: [], envelopes: 4, leaves: 7 + 1 + 2 });

      await beginEpoch({ dir, workspace: WORKSPACE, reason: "of the test", epochMin: 1, now: Date.now() });
      expect(await found()).toEqual({ findings: [], envelopes: 4, leaves: 1 + 3 + 4 + 2 });
      const third = await live(dir);
      await third.send("price-alert", '{"n":4}', "E-4");
      await third.quiet();
      await third.close();
      expect(await found()).toEqual({ findings: [], envelopes: 5, leaves: 12 });
    },
  );

  test("in a desk that sealed nothing", async () => {
    const dir = newDesk();
    await (await live(dir)).close();
    expect(await fsck({ dir, workspace: WORKSPACE })).toMatchObject({ counts: [], actors: 0 });
  });
});
