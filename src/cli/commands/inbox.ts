import { type Command, Option } from "commander";
import { createAgentFiles } from "../../adapters/agent-files.ts";
import { INBOX_STATUSES, type InboxStatus } from "../../core/inbox.ts";
import { createInboxFolder, type InboxFolder, type InboxItemHead } from "../../desk/inbox-folder.ts";
import { CliError, usage } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { textOption } from "../flags.ts";
import { plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, type Session } from "../session.ts";

export function addInbox(program: Command, run: Runner): Command {
  const command = program
    .command("inbox")
    .description("the items in inbox/, newest first")
    .addOption(new Option("--status <status>", "only with this status").choices([...INBOX_STATUSES]))
    .action(run(inbox));
  command
    .command("mark")
    .argument("<file>", "an item: inbox/NAME.md, or its name")
    .argument("<status>", INBOX_STATUSES.join(", "))
    .description("change an item's status, and nothing else of its file")
    .action(run(mark));
  return command;
}

function folderOf(session: Session): InboxFolder {
  const { dir } = deskOf(session);
  return createInboxFolder(dir, createAgentFiles(dir), session.io.now);
}

const inbox: Action = async (session, _args, options) => {
  const { out } = session;
  const folder = folderOf(session);
  const wanted = textOption(options, "status");
  const found: InboxItemHead[] = [];
  for (const name of await folder.names()) {
    // oxlint-disable-next-line no-await-in-loop -- one file open at a time, however many there are
    const item = await folder.head(name);
    if (item !== undefined && (wanted === undefined || item.status === wanted)) found.push(item);
  }
  const items = found.map(({ file, kind, status, webhook, event, received_at, run, says }) => ({
    file,
    kind,
    status,
    webhook,
    event,
    received_at,
    run,
    says,
  }));
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
};

/** Works with the file alone: whether a daemon runs makes no difference. */
const mark: Action = async (session, args) => {
  const [name = "", asked = ""] = args;
  const status = INBOX_STATUSES.find((each) => each === asked);
  if (status === undefined)
    throw usage(
      "There is no such status.",
      `It is one of ${INBOX_STATUSES.join(", ")}.`,
      `qoc inbox mark ${name} done`,
    );
  const file = name.includes("/") ? name : `inbox/${name}`;
  const marked = await folderOf(session).mark(file, status);
  if (marked.kind === "refused") throw notMarked(file, status, marked);
  session.out.result("qoc.inbox.status/1", { file, status }, () => `${plain(file)} is ${status}`);
};

const notMarked = (file: string, status: InboxStatus, { code, detail }: { code: string; detail: string }): CliError =>
  new CliError({
    what: `${file} was not marked ${status}.`,
    why: `${detail}.`,
    try: "qoc inbox",
    code,
    exit:
      code === "NOT_FOUND" ? exitCodes.notFound : code === "REQUEST_MALFORMED" ? exitCodes.usage : exitCodes.badData,
  });

const SAYS_CHARACTERS_MAX = 100;
const shortened = (text: string): string =>
  text.length > SAYS_CHARACTERS_MAX ? `${text.slice(0, SAYS_CHARACTERS_MAX)}…` : text;
