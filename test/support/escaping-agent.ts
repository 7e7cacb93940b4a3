/** What the agents of the escape tests have in common: each attempt is made, and what came of it is told in a file that the test reads. */
import path from "node:path";
import { z } from "zod";
import { type Envelope, runsOf, textIn } from "./agent-desk.ts";
import { within } from "./daemon.ts";

/** Before a script: `attempt(name, work)` writes down whether `work` went through, and what it gave or was refused with. */
export const TELLS = `
const told = [];
const tell = (name, went, says) => {
  told.push({ name, went, says: String(says).slice(0, 2000) });
  const file = "research/told-" + process.env.QOC_TASK + ".json";
  writeFileSync(file + ".new", JSON.stringify(told));
  renameSync(file + ".new", file);
};
async function attempt(name, work) {
  try { tell(name, true, await work()); } catch (thrown) { tell(name, false, thrown.message); }
}
const over = (socketPath, method, target, body, headers = {}) => new Promise((resolve, reject) => {
  const asked = request({ socketPath, path: target, method, agent: false, headers: { "content-type": "application/json", ...headers } }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    answer.on("end", () => resolve(answer.statusCode + " " + text));
  });
  asked.on("error", reject);
  asked.end(body === undefined ? undefined : JSON.stringify(body));
});
const shell = (command, args, env = process.env) => {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: "utf8", env });
  return status + " " + stderr + stdout;
};
`;

const Told = z.array(z.object({ name: z.string(), went: z.boolean(), says: z.string() }));
export type Told = z.infer<typeof Told>;
export const toldBy = (dir: string, task: string): Told =>
  Told.parse(JSON.parse(textIn(dir, path.join("research", `told-${task}.json`))));
/** What an attempt gave or was refused with. @throws when it was never made */
export function saidOf(told: Told, name: string): string {
  const found = told.find((each) => each.name === name);
  if (found === undefined) throw new Error(`nobody attempted ${name}: ${JSON.stringify(told)}`);
  return `${found.went ? "went through" : "refused"}: ${found.says}`;
}

/** Resolves with the one run of this webhook once it is in such a state. */
export async function runOf(dir: string, webhook: string, state: string): Promise<string> {
  let last = "there is none";
  const look = async (): Promise<string> => {
    for (;;) {
      const run = (await runsOf(dir)).find((each) => each.webhook === webhook);
      last = run?.state ?? last;
      if (run !== undefined && last.startsWith(state)) return run.run;
      if (last === "sealed") throw new Error(`${webhook} is sealed, and was to reach ${state}`);
      await new Promise((again) => setTimeout(again, 50));
    }
  };
  return within(look(), () => `${webhook} is in ${last}, not ${state}:\n${textIn(dir, ".qoc/log/daemon.ndjson")}`);
}

/** The calls that an envelope tells of, in their order. */
export const callsIn = ({ observations }: Envelope): readonly string[] =>
  observations.filter(({ name }) => name === "command_called").map(({ value }) => JSON.stringify(value));
export const valueIn = ({ observations }: Envelope, name: string): string =>
  JSON.stringify(observations.filter((each) => each.name === name).map(({ value }) => value));

export const webhookOf = (task: string): string =>
  `[[webhook]]\nname = "${task}"\nsecret = "env:SECRET"\naction = "run"\ntask = "${task}"\n`;
export const issueOf = (task: string): string => `---\ntitle: ${task}\nstatus: open\n---\n\nTry it.\n`;
