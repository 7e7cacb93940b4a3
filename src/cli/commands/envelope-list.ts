import type { Command } from "commander";
import path from "node:path";
import { listEvidence } from "../evidence-files.ts";
import { countFlag, textOption } from "../flags.ts";
import { plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";

export function addEnvelopeList(envelope: Command, run: Runner): void {
  envelope
    .command("list")
    .description("sealed envelopes, newest first, and how many amendments each has")
    .option("-n, --limit <count>", "how many", "50")
    .action(run(list));
}

const list: Action = (session, _args, options) => {
  const { dir } = deskOf(session);
  const items = listEvidence(dir, countFlag("--limit", textOption(options, "limit") ?? "50", 10_000)).map((item) => ({
    ...item,
    file: path.relative(dir, item.file),
  }));
  session.out.list("qoc.envelope.list/1", { items }, () =>
    table(
      items.map((item) =>
        [item.generated_at, item.webhook ?? "-", item.outcome ?? "-", amended(item.amendments), item.file].map(plain),
      ),
    ),
  );
  if (items.length === 0)
    session.out.note("No envelope: no run has been sealed yet. qoc send price-alert --wait seals one.");
  return Promise.resolve();
};

const amended = (count: number): string => (count === 0 ? "-" : count === 1 ? "1 amendment" : `${count} amendments`);
