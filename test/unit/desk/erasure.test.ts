/** In which order an erasure takes things away, and when it waits. */
import { describe, expect, test } from "vitest";
import type { DeskFiles, ErasureWorld } from "../../../src/desk/erasure.ts";
import { topLevelLine } from "../../../src/desk/front-matter.ts";
import { eraseRun } from "../../../src/desk/erasure.ts";
import { noticeAddress, type Address } from "../../../src/core/ids.ts";
import type { ActorRecord, EffectCall, Mail } from "../../../src/engine/ports.ts";
import { amended, BODY, conflict, erase, HEADERS, OTHER, RUN } from "../../support/delivery-words.ts";
import { tell } from "../../support/machine-given.ts";
import { mailTo } from "../../support/store-changes.ts";
import { sealed } from "../machines/delivery-rows.ts";

const erasing = tell(sealed, conflict, amended(1), erase);
const [asked] = erasing.record.pending;
const { address } = erasing.record;
const born = erasing.entries[0]?.data;
const EVIDENCE = "00000000-0000-7000-8000-000000000001";

type Given = {
  readonly notice?: string;
  readonly mail?: readonly Mail[];
  readonly files?: ReadonlyMap<string, string>;
  readonly shared?: boolean;
};

async function eraseWith({ notice = "written", mail = [], files = new Map(), shared = false }: Given = {}) {
  const did: string[] = [];
  const disk: DeskFiles = {
    read: (file) => (files.has(file) ? Buffer.from(files.get(file) ?? "") : undefined),
    remove: (file) => Promise.resolve(void did.push(`removes ${file}`)),
  };
  const read = (of: Address): ActorRecord | undefined =>
    /^(?:order|notification)\//.test(of)
      ? undefined
      : of === noticeAddress(RUN, 1)
        ? { ...erasing.record, address: of, state: notice }
        : erasing.record;
  const world: ErasureWorld = {
    dir: "desk",
    store: {
      read,
      journal: () => erasing.entries,
      artifact: () => undefined,
      mail: () => mail.map((each, place) => ({ position: [1, place] as const, mail: each })),
      expunge: (of, artifacts, stays) => {
        did.push(`expunges ${artifacts.length} of ${of}, keeps ${stays.map(({ key }) => key).join()}`);
        return Promise.resolve(shared ? [...artifacts].slice(0, 1) : []);
      },
    },
    clerk: {
      perform: (job) => {
        if (job.kind !== "erase") throw new Error("nothing else is asked of the clerk");
        const evidence_id = job.ordinal === null ? job.evidence_id : "an-amendment";
        did.push(`packs ${evidence_id}`);
        return Promise.resolve({ kind: "erase", evidence_id, file: `${evidence_id}.erased.json`, made: true });
      },
    },
    log: {
      append: (leaves) => {
        did.push(`logs ${leaves.map(({ kind }) => kind).join()}`);
        return Promise.resolve(leaves.map((_, at) => 10 + at));
      },
      markOf: () => "f".repeat(64),
      saveReceipt: () => undefined,
      receiptOf: () => undefined,
    },
    files: disk,
  };
  if (asked === undefined) throw new Error("the run asks for its erasure");
  const call: EffectCall = { ...asked, address };
  return { did, told: await eraseRun(world, call) };
}

describe("an erasure", () => {
  test("makes packs, logs, removes what was sealed, and last what is in the store", async () => {
    const { did } = await eraseWith();
    expect(did).toEqual([
      `packs ${EVIDENCE}`,
      "packs an-amendment",
      "logs seal,amendment,erasure,erasure",
      `removes .qoc/evidence/${EVIDENCE}.json`,
      "removes .qoc/evidence/an-amendment.json",
      `expunges 3 of delivery/${RUN}, keeps desk/risk`,
    ]);
  });

  test("tells what is left: seals with their places in the log, times and the reason, and no hash of what was sent", async () => {
    const { told } = await eraseWith({ shared: true });
    expect(told).toMatchObject({
      type: "ERASED",
      run: RUN,
      evidence_id: EVIDENCE,
      mark: "f".repeat(64),
      reason: erase.reason,
      late: 0,
      shared: 1,
      seals: [
        { evidence_id: EVIDENCE, seal_hash: "s0", index: 10, erasure: 12 },
        { evidence_id: "an-amendment", seal_hash: "s1", index: 11, erasure: 13 },
      ],
    });
    const words = JSON.stringify(told);
    for (const word of [BODY, HEADERS, OTHER, "d-1", "risk_breach"]) expect(words).not.toContain(word);
    expect(JSON.stringify(born)).toContain(BODY);
  });

  test("leaves a page that a person has edited, and one that another run has", async () => {
    const name = "inbox/1970-01-01T00-00-00Z-risk";
    const files = new Map([
      [`${name}.md`, `---\nkind: webhook\n${topLevelLine("run", RUN)}\n---\nedited`],
      [`${name}-${RUN}.md`, "another page"],
    ]);
    const { did, told } = await eraseWith({ files });
    expect(told).toMatchObject({ edited: [`${name}.md`] });
    expect(did.filter((each) => each.startsWith("removes inbox"))).toEqual([]);
  });

  test("waits while a notice of the run is being written", async () => {
    await expect(eraseWith({ notice: "writing" })).rejects.toThrow("notice 1 of this run is being written");
  });

  test("waits while a delivery of the run is in the mail, and for nobody else's", async () => {
    await expect(eraseWith({ mail: [mailTo(address)] })).rejects.toThrow("is being taken in");
    const others = [mailTo(noticeAddress(RUN, 1)), mailTo(address, { by: "operator" })];
    expect((await eraseWith({ mail: others })).told.type).toBe("ERASED");
  });
});
