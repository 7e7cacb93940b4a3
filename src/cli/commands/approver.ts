import type { Command } from "commander";
import { addApprover, readApprovers, removeApprover, unlockApprover } from "../../adapters/approver-keys.ts";
import { isApproverName } from "../../approval/approver-key.ts";
import type { Approvers } from "../../approval/approvers.ts";
import { resetApprovers, settledApprovers } from "../approver-trust.ts";
import { confirm } from "../confirm.ts";
import { asCliError } from "../decide.ts";
import { CliError, usage } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { textOption } from "../flags.ts";
import { refuseInsideRun } from "../inside-a-run.ts";
import { table } from "../output.ts";
import { newPassphrase, passphraseFrom, requireTerminal } from "../passphrase.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";

export function addApprovers(program: Command, run: Runner): void {
  const approver = program.command("approver").description("the people whose signature lets a draft be sent");
  approver
    .command("add")
    .argument("<name>")
    .description("make a key under a passphrase; each after the first is endorsed by one before it")
    .option("--by <existing>", "the approver who endorses this one")
    .action(run(add));
  approver.command("list").description("who may approve, and who may not and why").action(run(list));
  approver
    .command("remove")
    .argument("<name>")
    .description("take an approver's files away")
    .option("--yes", "do not ask")
    .action(run(remove));
  approver
    .command("reset")
    .description("have the next start trust another first approver; on a stopped desk, on a terminal")
    .action(run(reset));
}

const add: Action = async (session, args, options) => {
  const { io, out } = session;
  refuseInsideRun(io, "qoc approver");
  const [name = ""] = args;
  if (!isApproverName(name))
    throw usage(
      `${JSON.stringify(name)} is no approver's name.`,
      "Lower-case letters, digits, hyphens; at most 32.",
      "qoc approver add alice",
    );
  requireTerminal(io, "Making an approver's key");
  const { dir, name: workspace } = deskOf(session);
  const by = endorserOf(readApprovers(dir, workspace, undefined), textOption(options, "by"));
  const endorser =
    by === null
      ? null
      : await passphraseFrom(io, `Passphrase of ${by}`).then((given) =>
          asCliError(() => unlockApprover(dir, by, given)),
        );
  const passphrase = await newPassphrase(io, name);
  const fingerprint = await asCliError(() =>
    addApprover(dir, { name, workspace, passphrase, endorser, now: io.now() }),
  );
  const files = [".key", ".pub", ".endorsed.json"].map((suffix) => `.qoc/approvers/${name}${suffix}`);
  out.result("qoc.approver.add/1", { name, fingerprint, endorsed_by: by, files }, () => `${name}  ${fingerprint}`);
  if (by === null) {
    out.note("This is the first approver: the daemon trusts it on first use, and nobody vouches for it but this line.");
    out.note("Keep the fingerprint where no agent of this desk can write, and compare it with qoc approver list.");
  } else out.note(`${by} endorsed ${name}.`);
  out.note("It decides over runs that begin from now on, not over those under way.");
};

/** Null for the first approver of a desk. */
function endorserOf({ approvers, refused }: Approvers, by: string | undefined): string | null {
  const names = approvers.map((each) => each.name);
  if (by !== undefined) {
    if (names.includes(by)) return by;
    throw usage(
      `${JSON.stringify(by)} is no approver of this desk.`,
      `Approvers: ${names.join(", ") || "none"}.`,
      "qoc approver list",
    );
  }
  if (names.length > 0)
    throw usage("--by is missing.", "Each approver after the first is endorsed by one before.", `--by ${names[0]}`);
  if (refused.length === 0) return null;
  throw new CliError({
    what: "There are approvers' files that count for nothing.",
    why: refused.map(({ name, reason }) => `${name}: ${reason}`).join(" "),
    try: `qoc approver remove ${refused[0]?.name}`,
    code: "APPROVERS_UNSETTLED",
    exit: exitCodes.notPermitted,
  });
}

const list: Action = async (session) => {
  const desk = deskOf(session);
  const { settled, isLive } = await settledApprovers(desk);
  const items = [
    ...settled.approvers.map(({ name, fingerprint }) => ({ name, fingerprint, counts: true, reason: null })),
    ...settled.refused.map(({ name, reason }) => ({ name, fingerprint: null, counts: false, reason })),
  ];
  session.out.list("qoc.approver.list/1", { items }, () =>
    table(items.map(({ name, fingerprint, reason }) => [name, fingerprint ?? "does not count", reason ?? ""])),
  );
  if (items.length === 0) session.out.note("No approver: signed decisions cannot be made. qoc approver add NAME");
  if (settled.unsettled !== null) session.out.note(`Nothing is approved: ${settled.unsettled}`);
  if (!isLive) session.out.note("No daemon runs: this is what lies in the folder, not what a daemon has pinned.");
};

const remove: Action = async (session, args, options) => {
  refuseInsideRun(session.io, "qoc approver");
  const { dir, name: workspace } = deskOf(session);
  const [name = ""] = args;
  const { approvers, root } = readApprovers(dir, workspace, undefined);
  const isRoot = approvers.some((each) => each.name === name && each.fingerprint === root);
  const falls = isRoot
    ? " It is the first approver: all the others rest on it, and nothing is approved until a reset."
    : "";
  await confirm(session, options, `The files of ${name} are removed; whom it endorsed counts no more.${falls}`);
  const count = await asCliError(() => removeApprover(dir, name));
  if (count === 0) {
    throw new CliError({
      what: "There is no such approver.",
      why: `.qoc/approvers has no files of ${name}.`,
      try: "qoc approver list",
      code: "APPROVER_UNKNOWN",
      exit: exitCodes.notFound,
    });
  }
  session.out.result("qoc.approver.remove/1", { name, files: count }, () => `${name} is removed.`);
  session.out.note(
    "Who kept a copy of its files can put them back: what was endorsed stays endorsed. Only a reset with new keys ends that.",
  );
};

const reset: Action = async (session) => {
  refuseInsideRun(session.io, "qoc approver");
  requireTerminal(session.io, "A reset of the approvers");
  await resetApprovers(session, deskOf(session));
};
