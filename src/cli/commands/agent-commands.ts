/** What an agent does from a shell, inside its run: each is one of its tools. */
import { type Command, Option } from "commander";
import { bodyOf, calls } from "../agent-call.ts";
import { usage } from "../errors.ts";
import { countFlag, textOption } from "../flags.ts";
import type { Action, Runner } from "../program.ts";
import type { Session } from "../session.ts";

const BODY = ["--body <text>", "Markdown; - or no such flag: from stdin"] as const;
const BYTE_MAX = 999_999_999;

/** A subcommand of `inbox`, which a person uses outside of a run. */
export function addInboxWrite(inbox: Command, run: Runner): void {
  inbox
    .command("write")
    .description("leave an item for a person (in a run)")
    .addOption(new Option("--kind <kind>", "what it is").choices(["note", "question", "warning", "finding"]))
    .option("--title <text>", "one line")
    .option(...BODY)
    .action(
      run(
        calls("inbox_write", async (session, _args, options) => ({
          kind: textOption(options, "kind") ?? "note",
          title: needed(options, "title", "--title"),
          body: await bodyOf(session, options),
        })),
      ),
    );
}

export function addOrders(program: Command, run: Runner): void {
  program
    .command("orders")
    .description("draft orders")
    .command("propose")
    .description("draft an order for a person to decide on (in a run)")
    .option("--connector <name>", "where it is sent")
    .option("--symbol <symbol>", "what of")
    .option("--side <side>", "buy or sell")
    .option("--quantity <decimal>", "how much")
    .option("--type <type>", "market or limit")
    .option("--limit-price <decimal>", "of a limit order")
    .option("--time-in-force <time>", "day, gtc or ioc")
    .option("--summary <text>", "why, for the person who decides")
    .option("--research-ref <path>", "a page of research/")
    .option("--arguments <json>", "all of it as the tool takes it, also for drafts that are no orders; - from stdin")
    .action(run(calls("orders_propose", proposal)));
}

export function addResearch(program: Command, run: Runner): void {
  program
    .command("research")
    .description("pages of research")
    .command("write")
    .argument("<name>")
    .description("write a page into research/ (in a run)")
    .option(...BODY)
    .action(
      run(
        calls("research_write", async (session, [name], options) => ({
          name,
          content: await bodyOf(session, options),
        })),
      ),
    );
}

export function addSnapshot(program: Command, run: Runner): void {
  program
    .command("snapshot")
    .description("note how things stand (in a run)")
    .option("--title <text>", "one line")
    .option(...BODY)
    .action(
      run(
        calls("snapshot", async (session, _args, options) => ({
          title: needed(options, "title", "--title"),
          text: await bodyOf(session, options),
        })),
      ),
    );
}

export function addIssue(program: Command, run: Runner): void {
  program
    .command("issue")
    .description("the task of a run")
    .command("update")
    .description("change the status of the run's task, its summary, or both (in a run)")
    .addOption(new Option("--status <status>").choices(["in-progress", "review", "blocked", "done"]))
    .option("--summary <text>", "Markdown; - from stdin")
    .action(
      run(
        calls("issue_update", async (session, _args, options) => ({
          status: textOption(options, "status"),
          summary: await orStdin(session, textOption(options, "summary")),
        })),
      ),
    );
}

export function addFiles(program: Command, run: Runner): void {
  const files = program.command("files").description("the files of the desk, as an agent sees them");
  files
    .command("read")
    .argument("<path>")
    .description("a file of the desk (in a run)")
    .option("--offset <bytes>", "the first byte")
    .option("--limit <bytes>", "bytes at most")
    .action(
      run(
        calls("read_file", (_session, [path], options) => ({
          path,
          offset: bytesOption(options, "offset"),
          limit: bytesOption(options, "limit"),
        })),
      ),
    );
  files
    .command("list")
    .argument("[path]")
    .description("a folder of the desk (in a run)")
    .option("--depth <n>", "how many folders deep")
    .action(
      run(
        calls("list_files", (_session, [path], options) => {
          const depth = textOption(options, "depth");
          return { path, depth: depth === undefined ? undefined : countFlag("--depth", depth, BYTE_MAX) };
        }),
      ),
    );
}

export function addRequeue(program: Command, run: Runner): void {
  program
    .command("requeue")
    .argument("<task>")
    .description("queue a run of a task for when this one is over (in a run)")
    .option("--reason <text>", "why; it stands in the evidence")
    .action(run(requeue));
}

/** Also what `qoc run TASK` means inside a run. */
export const requeue: Action = calls("run", (_session, [task], options) => ({
  task,
  reason: needed(options, "reason", "--reason"),
}));

type Options = Readonly<Record<string, unknown>>;

async function proposal(session: Session, _args: readonly string[], options: Options): Promise<Options> {
  const whole = await orStdin(session, textOption(options, "arguments"));
  if (whole !== undefined) return parsed(whole);
  const order = {
    connector: needed(options, "connector", "--connector"),
    symbol: needed(options, "symbol", "--symbol"),
    side: needed(options, "side", "--side"),
    quantity: needed(options, "quantity", "--quantity"),
    type: needed(options, "type", "--type"),
    limit_price: textOption(options, "limitPrice"),
    time_in_force: textOption(options, "timeInForce"),
  };
  return {
    order,
    rationale: {
      summary: needed(options, "summary", "--summary"),
      research_ref: textOption(options, "researchRef"),
    },
  };
}

function parsed(text: string): Options {
  const wrong = usage("--arguments is no JSON object.", "It takes what the tool orders_propose takes.", "qoc mcp");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong;
    return { ...value };
  } catch {
    throw wrong;
  }
}

const orStdin = (session: Session, given: string | undefined): Promise<string | undefined> =>
  given === "-" ? bodyOf(session, {}) : Promise.resolve(given);

/** Not commander's own required options: outside of a run, that is what is told first. */
function needed(options: Options, name: string, flag: string): string {
  const given = textOption(options, name);
  if (given !== undefined) return given;
  throw usage(`${flag} is missing.`, "This command needs it.", `the same command with ${flag} TEXT`);
}

function bytesOption(options: Options, name: string): number | undefined {
  const given = textOption(options, name);
  if (given === undefined) return undefined;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw usage(`--${name} ${JSON.stringify(given)} is no number of bytes.`, "It takes a whole number.", `--${name} 0`);
}
