import type { Command } from "commander";
import { readFileSync } from "node:fs";
import path from "node:path";
import { approverKeyOf } from "../../approval/approver-key.ts";
import { verifyDecision } from "../../approval/decision.ts";
import { CliError, usage } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { textOption } from "../flags.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";

export function addApproval(program: Command, run: Runner): void {
  program
    .command("approval")
    .description("what people decided")
    .command("verify")
    .argument("<file>", "a decision, as the evidence holds it (qoc artifact cat)")
    .description("check a signed decision offline; exit 1 when it does not hold")
    .option("--key <file>", "the approver's public key, from a place you trust")
    .action(run(verify));
}

const verify: Action = (session, args, options) => {
  const keyFile = textOption(options, "key");
  if (keyFile === undefined)
    throw usage("--key is missing.", "A signature says nothing without a key that you trust.", "--key alice.pub");
  const { io, out } = session;
  const key = approverKeyOf(readFileSync(path.resolve(io.cwd, keyFile), "utf8"));
  if (key === undefined) {
    throw new CliError({
      what: "The key cannot be used.",
      why: `${keyFile} is not the PEM of an Ed25519 public key.`,
      code: "KEY_UNUSABLE",
      exit: exitCodes.badData,
    });
  }
  const verified = verifyDecision(readFileSync(path.resolve(io.cwd, args[0] ?? "")), key);
  const ok = verified.kind === "verified";
  const decision = ok ? verified.decision : null;
  const reason = ok ? null : verified.reason;
  out.result("qoc.approval.verify/1", { ok, key: key.fingerprint, decision, reason }, () => {
    if (decision === null) return `✗ ${plain(reason ?? "")}`;
    const { approver, decision: word, draft, run, workspace, digest, at, reason: why } = decision;
    return [
      `✓ ${approver} decided to ${word} draft ${draft} of run ${run} of ${plain(workspace)}`,
      `  digest  ${digest}`,
      `  signed  ${at}, by the signer's own clock`,
      `  key     ${key.fingerprint}`,
      ...(why === "" ? [] : [`  reason  ${plain(why)}`]),
    ].join("\n");
  });
  return Promise.resolve(ok ? exitCodes.ok : exitCodes.no);
};
