import { type Command, Option } from "commander";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { textOption } from "../flags.ts";
import { frontMatterOf, textAt } from "../front-matter.ts";
import { plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";

export function addInbox(program: Command, run: Runner): Command {
  return program
    .command("inbox")
    .description("the items in inbox/, newest first")
    .addOption(
      new Option("--status <status>", "only with this status").choices(["new", "open", "done", "snoozed", "blocked"]),
    )
    .action(run(inbox));
}

const inbox: Action = (session, _args, options) => {
  const { out } = session;
  const desk = deskOf(session);
  const folder = path.join(desk.dir, "inbox");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".md")) : [];
  const wanted = textOption(options, "status");
  const items = files
    .toSorted()
    .toReversed()
    .map((name) => itemOf(folder, name))
    .filter((item) => wanted === undefined || item.status === wanted);
  out.list("qoc.inbox.list/1", { items }, () =>
    table(
      items.map((item) =>
        [
          item.status ?? "-",
          item.event ?? item.kind ?? "-",
          item.run?.slice(0, 8) ?? "-",
          item.file,
          shortened(item.says ?? ""),
        ].map(plain),
      ),
    ),
  );
  if (items.length === 0)
    out.note("No item: none was written yet, or none has that status. qoc send price-alert --wait writes one.");
  return Promise.resolve();
};

function itemOf(folder: string, name: string) {
  const head = frontMatterOf(readFileSync(path.join(folder, name), "utf8"));
  return {
    file: path.join("inbox", name),
    kind: textAt(head, "kind"),
    status: textAt(head, "status"),
    webhook: textAt(head, "webhook"),
    event: textAt(head, "event"),
    received_at: textAt(head, "received_at"),
    run: textAt(head, "run"),
    says: textAt(head, "says") ?? textAt(head, "title"),
  };
}

const SAYS_CHARACTERS_MAX = 100;
const shortened = (text: string): string =>
  text.length > SAYS_CHARACTERS_MAX ? `${text.slice(0, SAYS_CHARACTERS_MAX)}…` : text;
