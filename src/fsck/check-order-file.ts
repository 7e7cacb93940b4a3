/** The file of an executed order: a person may move it and write below it, but what it says was sent must be what was. */
import { join } from "node:path";
import { filesWrittenIn } from "../core/files-written.ts";
import { member, textIn } from "../evidence/journal.ts";
import type { Actor } from "./check-rows.ts";
import type { Finding } from "./findings.ts";
import { bytesOf } from "./small-file.ts";

export function* checkOrderFile(
  { record, journal }: Pick<Actor, "record" | "journal">,
  dir: string,
): Generator<Finding> {
  const asked = member(member(record.snapshot, "context"), "draft");
  const digest = textIn(asked, "digest");
  for (const { file } of filesWrittenIn(journal)) {
    if (!/^orders\/executed\/[^/\\]+\.toml$/.test(file) || file.endsWith(".edited.toml")) continue;
    const found = bytesOf(join(dir, file));
    const [, said] = /^digest = "([0-9a-f]{64})"$/m.exec(Buffer.from(found ?? []).toString("utf8")) ?? [];
    if (said !== undefined && said !== digest) yield { code: "ORDER_FILE_DIFFERS", at: file, detail: record.address };
  }
}
