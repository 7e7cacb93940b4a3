import type { Command } from "commander";
import path from "node:path";
import type { DecisionWord } from "../../approval/decision.ts";
import { decide } from "../decide.ts";
import { draftAt, draftNamed, draftsOf } from "../drafts.ts";
import { countFlag, textOption } from "../flags.ts";
import { runName } from "../ids.ts";
import { refuseInsideRun } from "../inside-a-run.ts";
import type { Action, Runner } from "../program.ts";
import { askFor } from "../prompt.ts";
import { daemonApi, deskOf, withApi } from "../session.ts";

const DRAFTS_MAX = 1_000_000;

const WORDS = [
  { decision: "approve", says: "let a draft order be sent" },
  { decision: "reject", says: "keep a draft order from being sent" },
] as const;

/** `qoc approve RUN` and `qoc reject RUN`. */
export function addApprove(program: Command, run: Runner): void {
  for (const { decision, says } of WORDS) {
    const command = program
      .command(decision)
      .argument("<run>")
      .description(says)
      .option("--draft <n>", "which, when more than one is open");
    withOptions(command, decision).action(run(decideRun(decision)));
  }
}

/** `qoc run approve FILE` and `qoc run reject FILE`. */
export function addRunDecisions(parent: Command, run: Runner): void {
  for (const { decision, says } of WORDS) {
    const command = parent.command(decision).argument("<file>", "a file of orders/proposed/").description(says);
    withOptions(command, decision).action(run(decideFile(decision)));
  }
}

const withOptions = (command: Command, decision: DecisionWord): Command =>
  command
    .option("--digest <sha256>", "of the draft that was looked at, in place of what is typed")
    .option("--as <name>", "whose key signs, when there are several")
    .option("--reason <text>", `why; it stands in the evidence${decision === "reject" ? ", and is asked for" : ""}`);

type Options = Readonly<Record<string, unknown>>;

const decideRun =
  (decision: DecisionWord): Action =>
  async (session, args, options) => {
    refuseInsideRun(session.io, `qoc ${decision}`);
    const name = runName(args[0] ?? "");
    const number = textOption(options, "draft");
    const draft = number === undefined ? undefined : countFlag("--draft", number, DRAFTS_MAX);
    const desk = deskOf(session);
    const given = await withReason(session, decision, options);
    await withApi(daemonApi(desk), async (api) => {
      const of = await draftsOf(api, name);
      const item = draftNamed(of, draft);
      await decide(session, api, { decision, of, item, desk, options: given });
    });
  };

const decideFile =
  (decision: DecisionWord): Action =>
  async (session, args, options) => {
    refuseInsideRun(session.io, `qoc run ${decision}`);
    const desk = deskOf(session);
    const given = await withReason(session, decision, options);
    await withApi(daemonApi(desk), async (api) => {
      const file = path.resolve(session.io.cwd, args[0] ?? "");
      const { of, draft } = await draftAt(api, desk.dir, file);
      await decide(session, api, { decision, of, item: draft, desk, options: given });
    });
  };

async function withReason(session: Parameters<Action>[0], decision: DecisionWord, options: Options): Promise<Options> {
  if (decision === "approve" || (textOption(options, "reason") ?? "").trim() !== "") return options;
  return { ...options, reason: await askFor(session.io, "--reason", "Why is this draft to be rejected?") };
}
