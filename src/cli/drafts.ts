/** The drafts of a run as the API gives them, found by what a person names, and shown in words. */
import path from "node:path";
import { z } from "zod";
import { RunsPage } from "./answers.ts";
import { type Api, answerOf } from "./client.ts";
import { CliError, usage } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { plain } from "./output.ts";

const DraftShown = z.looseObject({
  draft: z.number(),
  state: z.string(),
  file: z.string(),
  digest: z.string().nullable(),
  digest_proposed: z.string(),
  changed: z.boolean(),
  says: z.string().nullable(),
  fields: z.array(z.tuple([z.string(), z.string()])),
  limits: z.array(z.string()),
  reason: z.string().nullable(),
  approved_by: z.array(z.string().nullable()),
});
export type DraftShown = z.infer<typeof DraftShown>;

export const DraftsAnswer = z.looseObject({
  run: z.string(),
  workspace: z.string(),
  state: z.string(),
  asked_by: z.object({ run: z.string(), webhook: z.string(), task: z.string().nullable() }),
  approval: z
    .object({ require: z.enum(["signed", "local"]), approvers: z.number(), keys: z.array(z.string()) })
    .nullable(),
  expires_at: z.string().nullable(),
  items: z.array(DraftShown),
});
export type DraftsAnswer = z.infer<typeof DraftsAnswer>;

/** @throws CliError (65) for the drafts of another run than the one that was named: what is signed names the run of the answer */
export async function draftsOf(api: Api, name: string): Promise<DraftsAnswer> {
  const drafts = await answerOf(api, DraftsAnswer, "GET", `/api/runs/${name}/drafts`);
  const { run } = drafts;
  if (name.startsWith("@") || run.startsWith(name) || run.endsWith(name)) return drafts;
  throw new CliError({
    what: "The daemon speaks of another run.",
    why: `Asked for the drafts of ${name}, it gave those of ${run}.`,
    try: "qoc doctor",
    code: "RUN_DIFFERS",
    exit: exitCodes.badData,
  });
}

/** One draft, by number or as the only open one: nobody approves several at a time. */
export function draftNamed({ items, run, state }: DraftsAnswer, draft: number | undefined): DraftShown {
  if (draft !== undefined) {
    const named = items.find((item) => item.draft === draft);
    if (named !== undefined) return named;
    throw noDraft(`Run ${run} has ${items.length} drafts, and none with number ${draft}.`);
  }
  const open = items.filter((item) => item.state === "open");
  const [first, second] = open;
  if (first === undefined) throw noDraft(`Run ${run} is ${state}: none of its ${items.length} drafts is open.`);
  if (second === undefined) return first;
  throw usage(
    "--draft is missing.",
    `${open.length} drafts are open: ${open.map((item) => `${item.draft} (${plain(item.says ?? item.file)})`).join("; ")}.`,
    "--draft 1",
  );
}

/** The run and the draft that a file belongs to, among the runs that wait for a decision. */
export async function draftAt(
  api: Api,
  deskDir: string,
  file: string,
): Promise<{ readonly of: DraftsAnswer; readonly draft: DraftShown }> {
  const below = path.relative(deskDir, file).split(path.sep).join("/");
  const waiting = await answerOf(api, RunsPage, "GET", "/api/runs?state=awaiting-approval&needs_me=true&limit=200");
  for (const { run } of waiting.items) {
    const of = await draftsOf(api, run);
    const draft = of.items.find((item) => item.file === below && item.state === "open");
    if (draft !== undefined) return { of, draft };
  }
  throw noDraft(`${below} is no open draft of a run that waits for a decision.`);
}

const noDraft = (why: string): CliError =>
  new CliError({
    what: "There is no such draft.",
    why,
    try: "qoc runs list --needs-me",
    code: "DRAFT_UNKNOWN",
    exit: exitCodes.notFound,
  });

/** What a person must have seen before deciding. Others' words are in it: nothing of them steers the terminal. */
export function inWords({ run, asked_by, approval, expires_at, workspace }: DraftsAnswer, item: DraftShown): string {
  const lines = [
    `Draft ${item.draft}: ${item.says ?? `cannot be sent as it is: ${item.reason ?? "unknown why"}`}`,
    ...item.fields.map(([name, value]) => `  ${name} = ${value}`),
    ...item.limits.map((limit) => `  limit: ${limit}`),
    `  file     ${item.file}${item.changed ? "   CHANGED since the agent proposed it" : ""}`,
    `  asked by the agent of run ${run}, task ${asked_by.task ?? "none"}, webhook ${asked_by.webhook} of ${workspace}`,
    ...(approval?.approvers === 2 ? [`  wants    2 approvers${approvedBy(item)}`] : []),
    `  expires  ${expires_at ?? "not while it is open"}`,
    `  digest   ${item.digest ?? "none"}`,
  ];
  return lines.map(plain).join("\n");
}

const approvedBy = ({ approved_by }: DraftShown): string =>
  approved_by.length === 0 ? "" : `, approved by ${approved_by.map((name) => name ?? "somebody").join(", ")} so far`;
