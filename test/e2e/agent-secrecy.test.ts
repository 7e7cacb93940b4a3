/**
 * Secrets of a desk go through a whole agent run: an approval under a passphrase, an order through a program that is given a variable, a
 * notification under a secret, and a delivery of which a part is masked. None of them is anywhere but where a person has put it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, quiet } from "../support/control.ts";
import {
  addApprover,
  agentDesk,
  atTerminal,
  DESK,
  draftsOf,
  PASSPHRASE,
  reached,
  textIn,
} from "../support/agent-desk.ts";
import { environment, qoc, type Said, stop, up, within } from "../support/daemon.ts";
import { filesBelow } from "../support/files-below.ts";
import { readableStore } from "../support/readable-store.ts";
import { post } from "../support/sender.ts";

const WEBHOOK_SECRET = "your-signing-secret";
const NOTIFY_SECRET = `whsec_${Buffer.from("canary-notify-secret-of-32-bytes").toString("base64")}`;
const CONNECTOR_SECRET = "canary-connector-variable-7f3a91";
/** In pieces, so that the desk's own files do not hold it. */
const MASKED = ["canary", "masked", "7f3a91"].join("-");

/** A program that says whether it was given its variable, and says nothing of what is in it. */
const BROKER = `
import { readFileSync } from "node:fs";
readFileSync(0);
const given = (process.env.BROKER_TOKEN ?? "").length;
console.log(JSON.stringify({ kind: "accepted", reference: "given " + given }));
`;

type Heard = { readonly headers: string; readonly body: string };
/** Outside the desk: what the agent tells the test. */
const elsewhere = mkdtempSync(path.join(tmpdir(), "qoc-test-"));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

let dir: string;
let token: string;
let bundle: string;
let stopped: Said;
const heard: Heard[] = [];
const screens: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  const receiver = createServer((request, reply) => {
    void text(request).then((body) => {
      heard.push({ headers: JSON.stringify(request.headers), body });
      reply.writeHead(204).end();
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  const { port }: AddressInfo = Object.assign({ port: 0, address: "", family: "" }, receiver.address());
  const outside = path.join(elsewhere, "told");
  const broker = JSON.stringify([process.execPath, "broker.mjs"]);
  dir = agentDesk({
    script: `
writeFileSync(${JSON.stringify(outside)}, JSON.stringify([process.env.QOC_RUN_TOKEN, bundle, Object.keys(process.env)]));
const client = await stdio();
const proposal = order("NVDA", "sell", "10");
proposal.order.connector = "broker";
await call(client, "orders_propose", proposal);
console.log("drafted");
`,
    env: { NOTIFY: NOTIFY_SECRET, BROKER_TOKEN: CONNECTOR_SECRET },
    toml: `[[redaction]]
id = "canaries"
match = "pattern"
pattern = "canary-masked-[a-z0-9]+"

[[webhook]]
name = "filtered"
secret = "env:SECRET"
action = "run"
task = "risk-review"
storage = "filtered"

[[connector]]
name = "broker"
type = "command"
command = ${broker}
env = ["BROKER_TOKEN"]

[[notify]]
name = "ops"
url = "http://127.0.0.1:${port}/hook"
secret = "env:NOTIFY"
allow_private = true
`,
  });
  writeFileSync(path.join(dir, "broker.mjs"), BROKER);
  writeFileSync(path.join(dir, "book/book.toml"), textIn(dir, "book/opening.toml"));
  screens.push((await addApprover(dir, "ada")).screen);
  const daemon = await up([dir], { env: environment({ BROKER_TOKEN: CONNECTOR_SECRET }) });
  const body = JSON.stringify({ event: "risk_breach", note: `see ${MASKED} here` });
  await post(daemon.ingress, DESK, { webhook: "filtered", delivery_id: "s-1", body });
  const run = await reached(dir, "awaiting-approval.asked");
  const [draft] = await draftsOf(dir, run);
  const approved = await atTerminal(
    dir,
    ["approve", run, "--draft", "1"],
    [
      ["characters of the digest: ", `${draft?.digest?.slice(0, 4)}\n`],
      ["Passphrase of ada: ", `${PASSPHRASE}\r`],
    ],
  );
  screens.push(approved.screen);
  await quiet(dir);
  const told = async (): Promise<void> => {
    while (heard.length < 2) await new Promise((again) => setTimeout(again, 20));
  };
  await within(told(), () => `heard of ${heard.length}`);
  for (const args of [
    ["config", "show"],
    ["doctor"],
    ["why", run],
    ["envelope", "show", run],
    ["notify", "list"],
    ["logs"],
  ])
    answers.push(Object.values(await qoc({ cwd: dir }, ...args)).join("\n"));
  answers.push(JSON.stringify(await ask(dir, `/api/runs/${run}`)), JSON.stringify(await ask(dir, "/api/status")));
  stopped = await stop(daemon);
  receiver.close();
  [token, bundle] = JSON.parse(readFileSync(outside, "utf8"));
}, 120_000);

/** Every file of the desk but the store, the store's rows, and what was shown and sent. */
async function everything(): Promise<readonly (readonly [string, Buffer])[]> {
  const own = ["desk.toml", ".env.qoc", "broker.mjs", "agent.mjs"];
  const files = [...filesBelow(dir)].filter(([file]) => !own.includes(file) && !file.startsWith(".qoc/store/"));
  const said = [
    stopped.stdout,
    stopped.stderr,
    ...screens,
    ...answers,
    ...heard.flatMap((each) => Object.values(each)),
  ];
  return [
    ...files.map(([file, bytes]) => [file, Buffer.from(bytes)] as const),
    ["the store", await readableStore(path.join(dir, ".qoc", "store"))],
    ["what was said", Buffer.from(said.join("\n"))],
  ];
}

describe("a run in which every secret had its use", () => {
  test("was approved, sent, notified of, and told of a masked delivery", async () => {
    expect(screens[1]).toContain("Draft 1 is approved");
    expect(answers.join("")).toContain("order_dispatched");
    expect(heard.map(({ body }) => body).join("\n")).toContain("run.finalized");
    const kept = await everything();
    expect(kept.some(([, bytes]) => bytes.includes(`given ${CONNECTOR_SECRET.length}`))).toBe(true);
    expect(token.length).toBeGreaterThan(20);
  });

  test("the bundle is made of what is kept of the delivery, never of what was sent", () => {
    expect(bundle).toContain("[redacted:canaries]");
    expect(bundle).not.toContain(MASKED);
  });

  test.each([
    ["the webhook's secret", () => WEBHOOK_SECRET],
    ["the notifications' secret", () => NOTIFY_SECRET],
    ["its bytes", () => "canary-notify-secret"],
    ["the connector's variable", () => CONNECTOR_SECRET],
    ["the passphrase", () => PASSPHRASE],
    ["the run's token", () => token],
    ["what was masked", () => MASKED],
  ])("%s is in no file, no row, no answer and no message", async (_says, secret) => {
    const found = (await everything()).filter(([, bytes]) => bytes.includes(secret())).map(([file]) => file);
    expect(found).toEqual([]);
  });

  test("the desk's own file still names them by their variables alone", () => {
    expect(textIn(dir, "desk.toml")).not.toContain(CONNECTOR_SECRET);
  });
});
