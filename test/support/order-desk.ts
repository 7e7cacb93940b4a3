/** Desks whose agent proposes orders and does nothing else, whose connector writes down what it is given, and whose approvers sign at once. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { addApprover, unlockApprover } from "../../src/adapters/approver-keys.ts";
import { type DecisionWord, signDecision } from "../../src/approval/decision.ts";
import type { ApproverSigner } from "../../src/approval/signed-record.ts";
import { draftsOf, filesIn, PASSPHRASE, textIn } from "./agent-desk.ts";
import { ask } from "./control.ts";
import { within } from "./daemon.ts";
import { deskFolder } from "./desk-folder.ts";
import { post } from "./sender.ts";

/** A key that is opened twenty times a test needs no strength. */
const CHEAP = { cost: 2, blockSize: 8, parallelization: 1 };
export const APPROVERS = ["ada", "ben"] as const;
export type Approver = (typeof APPROVERS)[number];

/** Asks for nothing but its task's name: as many drafts as it ends in. */
const AGENT = `
import { request } from "node:http";
const { QOC_SOCKET: socketPath, QOC_RUN_TOKEN: token, QOC_TASK: task } = process.env;
const call = (body) => new Promise((resolve, reject) => {
  const headers = { authorization: "Bearer " + token, "content-type": "application/json" };
  const asked = request({ socketPath, path: "/api/agent/call", method: "POST", headers }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (chunk) => (text += chunk)).on("end", () => resolve(JSON.parse(text)));
  });
  asked.on("error", reject);
  asked.end(JSON.stringify(body));
});
for (let n = 1; n <= Number(task.split("-")[1]); n += 1) {
  const order = { connector: "venue", symbol: "NVDA", side: "sell", quantity: String(n), type: "market" };
  const { ok, refusal } = await call({ tool: "orders_propose", arguments: { order, rationale: { summary: "sell " + n } } });
  if (!ok) throw new Error(refusal);
}
`;
const VENUE = `#!/bin/sh
line=$(cat)
printf '%s\\n' "$line" >> sent.ndjson
printf '{"kind":"accepted","reference":"taken"}'
`;

export type DraftHook = { readonly drafts: number; readonly timeout: string };
export const hookName = ({ drafts, timeout }: DraftHook): string => `drafts-${drafts}-${timeout}`;

export type OrderDesk = { readonly dir: string; readonly signers: Readonly<Record<Approver, ApproverSigner>> };

/** @param approvers how many it takes; there are two in any case */
export async function orderDesk(name: string, approvers: 1 | 2, hooks: readonly DraftHook[]): Promise<OrderDesk> {
  const tables = hooks.map(
    (hook) => `
[[webhook]]
name = "${hookName(hook)}"
secret = "env:SECRET"
action = "run"
task = "drafts-${hook.drafts}"
approval_timeout = "${hook.timeout}"
`,
  );
  const dir = deskFolder(name, {
    toml: `[agent]
command = [${JSON.stringify(process.execPath)}, "agent.mjs"]
max_concurrent = 1

[approval]
approvers = ${approvers}

[[connector]]
name = "venue"
type = "command"
command = ["/bin/sh", "venue.sh"]
${tables.join("")}`,
  });
  mkdirSync(path.join(dir, "issues"));
  for (const { drafts } of hooks) writeFileSync(path.join(dir, `issues/drafts-${drafts}.md`), TASK);
  writeFileSync(path.join(dir, "agent.mjs"), AGENT);
  writeFileSync(path.join(dir, "venue.sh"), VENUE);
  const ada = await signerOf(dir, name, "ada", null);
  return { dir, signers: { ada, ben: await signerOf(dir, name, "ben", ada) } };
}

const TASK = "---\nid: 1\ntitle: Propose\nstatus: open\n---\n\nPropose.\n";

async function signerOf(dir: string, workspace: string, name: Approver, endorser: ApproverSigner | null) {
  await addApprover(dir, { name, workspace, passphrase: PASSPHRASE, endorser, now: Date.now() }, CHEAP);
  return unlockApprover(dir, name, PASSPHRASE);
}

/** Begins a run. */
export async function begun({ dir }: OrderDesk, ingress: string, hook: DraftHook): Promise<string> {
  delivered += 1;
  const delivery = { webhook: hookName(hook), delivery_id: `D-${delivered}`, body: `{"n":${delivered}}` };
  const { body } = await post(ingress, path.basename(dir), delivery);
  return String(body["run"]);
}
let delivered = 0;

/** The drafts of a run, once they wait for a person. */
export async function asked({ dir }: OrderDesk, run: string) {
  const look = async () => ((await stateOf(dir, run)).startsWith("awaiting-approval") ? run : undefined);
  await until(look, "ask for an approval");
  return (await draftsOf(dir, run)).map(({ draft, file, digest }) => ({ draft, file, digest: digest ?? "" }));
}

export const stateOf = async (dir: string, run: string): Promise<string> =>
  z.object({ state: z.string() }).parse(await ask(dir, `/api/runs/${run}`)).state;

export const sealed = ({ dir }: OrderDesk, run: string): Promise<true> =>
  until(async () => ((await stateOf(dir, run)) === "sealed" ? true : undefined), "come to be sealed");

export async function until<T>(look: () => Promise<T | undefined>, words: string): Promise<T> {
  const wait = async (): Promise<T> => {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((again) => setTimeout(again, 10));
    }
  };
  return within(wait(), () => `did not ${words}`);
}

const Answered = z.object({
  status: z.number().default(200),
  code: z.string().optional(),
  detail: z.string().optional(),
  says: z.string().optional(),
  state: z.string().optional(),
});
export type Answered = z.infer<typeof Answered>;

export type Said = {
  readonly run: string;
  readonly draft?: number;
  readonly decision?: DecisionWord;
  readonly digest: string;
};

/** Hands in a decision as the command line does; what is answered, with 200 where it was no refusal. */
export async function decideAs(desk: OrderDesk, by: Approver, given: Said): Promise<Answered> {
  const { run, draft = 1, decision = "approve", digest } = given;
  const said = { draft, decision, digest, reason: decision === "reject" ? "not now" : "" };
  const at = new Date().toISOString();
  const record = { ...said, run, workspace: path.basename(desk.dir), approver: by, at };
  const signed = Buffer.from(signDecision(record, desk.signers[by])).toString("base64");
  return Answered.parse(await ask(desk.dir, `/api/runs/${run}/decisions`, { ...said, signed }));
}

export const cancelRun = async ({ dir }: Pick<OrderDesk, "dir">, run: string): Promise<Answered> =>
  Answered.parse(await ask(dir, `/api/runs/${run}/cancel`, { reason: "a race" }));

const Sent = z.object({ run: z.string(), number: z.number(), digest: z.string(), key: z.string() });
/** What the connector was given, in order: each line is one call of it. */
export const sentBy = ({ dir }: OrderDesk): readonly z.infer<typeof Sent>[] =>
  filesIn(dir, ".").includes("sent.ndjson")
    ? textIn(dir, "sent.ndjson")
        .trim()
        .split("\n")
        .map((line) => Sent.parse(JSON.parse(line)))
    : [];

const Shown = z.object({
  outcome: z.string().nullable(),
  state: z.string(),
  journal: z.array(
    z.object({ event: z.string(), observations: z.array(z.object({ name: z.string(), value: z.unknown() })) }),
  ),
});
const Decided = z.object({ draft: z.number(), approved: z.boolean(), approver: z.string().nullable() });
export type Decided = z.infer<typeof Decided>;

/** What the run's own journal says of its decisions, in their order, and of its end. */
export async function journalOf({ dir }: Pick<OrderDesk, "dir">, run: string) {
  const { outcome, state, journal } = Shown.parse(await ask(dir, `/api/runs/${run}`));
  const decided = journal.flatMap(({ observations }) =>
    observations.filter(({ name }) => name === "approval_decided").map(({ value }) => Decided.parse(value)),
  );
  return { outcome, state, decided, events: journal.map(({ event }) => event) };
}
