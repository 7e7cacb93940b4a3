/** The inbox item that a run or a notice wrote. A person may do with it what they like, so what is found here is worth no more than a note. */
import { hash } from "node:crypto";
import { join } from "node:path";
import { inEachStatus } from "../desk/inbox-page.ts";
import { member, textIn } from "../evidence/journal.ts";
import type { Actor } from "./check-rows.ts";
import type { Finding } from "./findings.ts";
import { bytesOf } from "./small-file.ts";

export function* checkInbox({ record, journal }: Actor, dir: string): Generator<Finding> {
  for (const { event, data } of journal) {
    if (event !== "EFFECT_DONE") continue;
    const result = member(data, "result") ?? data;
    const file = textIn(result, "file");
    if (file === undefined || !/^inbox\/[^/\\]+$/.test(file)) continue;
    const sha256 = textIn(result, "sha256");
    const found = bytesOf(join(dir, file));
    if (found === undefined) yield { code: "INBOX_ITEM_GONE", at: file, detail: record.address };
    else if (sha256 !== undefined && !isAsWritten(found, sha256))
      yield { code: "INBOX_ITEM_EDITED", at: file, detail: record.address };
  }
}

/** Or marked with another status since, which changes nothing of what it says. */
const isAsWritten = (found: Uint8Array, sha256: string): boolean =>
  hash("sha256", found, "hex") === sha256 || inEachStatus(found).some((each) => hash("sha256", each, "hex") === sha256);
