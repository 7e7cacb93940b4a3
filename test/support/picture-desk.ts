/** A desk as a person has one, for pictures: price alerts, a review that drafted an order and was approved, one that waits, a sender whose signatures fail. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { addApprover, unlockApprover } from "../../src/adapters/approver-keys.ts";
import { signDecision } from "../../src/approval/decision.ts";
import { draftsOf, PASSPHRASE, reached } from "./agent-desk.ts";
import { ask, quiet } from "./control.ts";
import { type Daemon, launch, QOC, ready } from "./daemon.ts";
import { deskFolder, webhookToml } from "./desk-folder.ts";
import { post } from "./sender.ts";

const DESK = "trading-desk";
/** A key that is opened once needs no strength. */
const CHEAP = { cost: 2, blockSize: 8, parallelization: 1 };

/** Pages of the inbox have a second in their names, and lie in the order of these. */
const APART_MS = 1100;

const AGENT = `#!/bin/sh
set -eu
cat >/dev/null
qoc() { "${process.execPath}" "${QOC}" "$@"; }
qoc orders propose --connector paper --symbol NVDA --side sell --quantity 10 --type market \\
  --summary "NVDA is 4.2 % over its limit; ten shares bring it back"
`;
const TASK = `---
title: Review a breached limit
status: open
---

Say which limit was breached, and draft the smallest order that mends it.
`;

export type PictureDesk = {
  readonly dir: string;
  readonly daemon: Daemon;
  /** The run whose order went out. */
  readonly approved: string;
  /** The run whose draft waits for a person. */
  readonly waiting: string;
};

export async function pictureDesk(): Promise<PictureDesk> {
  const dir = deskFolder(DESK, {
    toml: [
      '[agent]\ncommand = ["/bin/sh", "agent.sh"]\n',
      '[[connector]]\nname = "paper"\ntype = "paper"\n',
      webhookToml("price-alert"),
      webhookToml("risk-breach", 'task = "risk-review"').replace('"inbox"', '"run"'),
    ].join("\n"),
  });
  for (const folder of ["issues", "book"]) mkdirSync(path.join(dir, folder));
  writeFileSync(path.join(dir, "agent.sh"), AGENT);
  writeFileSync(path.join(dir, "issues/risk-review.md"), TASK);
  writeFileSync(
    path.join(dir, "book/quotes.toml"),
    `[quotes]\nNVDA = { bid = "119.50", ask = "120.00", at = "${new Date().toISOString()}" }\n`,
  );
  writeFileSync(path.join(dir, "book/opening.toml"), 'cash = "100000"\n\n[positions]\nNVDA = "50"\n');
  await addApprover(
    dir,
    { name: "ada", workspace: DESK, passphrase: PASSPHRASE, endorser: null, now: Date.now() },
    CHEAP,
  );
  const daemon = await ready(launch([dir], {}, ["--console", "127.0.0.1:0"]), dir);
  return { dir, daemon, ...(await lived(dir, daemon.ingress)) };
}

/** One delivery after the other, so that every life of the desk has the same rows. */
async function lived(dir: string, ingress: string): Promise<Pick<PictureDesk, "approved" | "waiting">> {
  const send = (webhook: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    post(ingress, DESK, { webhook, body }, headers);
  const alert = (symbol: string, price: string): string =>
    `{"event":"price_alert","symbol":"${symbol}","trigger_price":${price},"direction":"above"}`;
  const breach = (limit: string): string =>
    `{"event":"risk_breach","symbol":"NVDA","limit":"${limit}","exposure":0.3420,"allowed":0.3000}`;
  await send("price-alert", alert("MSFT", "420.00"));
  await send("price-alert", alert("MSFT", "420.00"));
  await quiet(dir);
  await pause(APART_MS);
  await send("risk-breach", breach("single-name"));
  const approved = await reached(dir, "awaiting-approval.asked");
  await approve(dir, approved);
  await reached(dir, "sealed");
  await quiet(dir);
  await pause(APART_MS);
  await send("price-alert", alert("NVDA", "118.25"));
  await quiet(dir);
  await pause(APART_MS);
  for (const n of [1, 2, 3]) await send("price-alert", `{"n":${n}}`, { "x-qoc-signature": `sha256=${"0".repeat(64)}` });
  await send("risk-breach", breach("sector"));
  return { approved, waiting: await reached(dir, "awaiting-approval.asked") };
}

async function approve(dir: string, run: string): Promise<void> {
  const [draft] = await draftsOf(dir, run);
  const said = {
    draft: 1,
    decision: "approve",
    digest: draft?.digest ?? "",
    reason: "the smallest order that mends it",
  } as const;
  const record = { ...said, run, workspace: DESK, approver: "ada", at: new Date().toISOString() };
  const signed = signDecision(record, unlockApprover(dir, "ada", PASSPHRASE));
  await ask(dir, `/api/runs/${run}/decisions`, { ...said, signed: Buffer.from(signed).toString("base64") });
}
