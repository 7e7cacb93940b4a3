/** How a person decides over a draft: sees it in words, types the beginning of its digest, signs. Enter never approves. */
import { z } from "zod";
import { ApproverRefused, readApprovers, unlockApprover } from "../adapters/approver-keys.ts";
import { type DecisionWord, REASON_LENGTH_MAX, signDecision } from "../approval/decision.ts";
import { type Api, answerOf } from "./client.ts";
import type { DeskPlace } from "./desk-finder.ts";
import { type DraftShown, type DraftsAnswer, inWords } from "./drafts.ts";
import { CliError, usage } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { textOption } from "./flags.ts";
import { passphraseFrom, requireTerminal } from "./passphrase.ts";
import { lineFrom } from "./prompt.ts";
import { ownLook } from "./own-look.ts";
import type { Session } from "./session.ts";

const TYPED = 4;

const DecisionAnswer = z.looseObject({
  run: z.string(),
  draft: z.number(),
  decision: z.string(),
  approver: z.string().nullable(),
  digest: z.string(),
  state: z.string(),
  says: z.string(),
});

type Asked = {
  readonly decision: DecisionWord;
  readonly of: DraftsAnswer;
  readonly item: DraftShown;
  readonly desk: DeskPlace;
  readonly options: Readonly<Record<string, unknown>>;
};

export async function decide(session: Session, api: Api, asked: Asked): Promise<void> {
  const { io, out } = session;
  const { decision, of, item, options, desk } = asked;
  if (item.state !== "open") throw closed(item, of);
  out.note(inWords(of, ownLook(io, desk, item)));
  const digest = digestOf(asked);
  const signs = of.approval?.require === "signed" || textOption(options, "as") !== undefined;
  // Before anything is typed: whoever cannot sign here is told at once.
  const reason = reasonIn(options);
  const name = signs ? approverFor(asked) : null;
  if (signs) requireTerminal(io, "A signed decision");
  await confirmDigest(session, asked, digest);
  const said = { draft: item.draft, decision, digest, reason };
  const signed =
    name === null ? undefined : await sign(session, { ...said, run: of.run, workspace: desk.name }, name, desk.dir);
  const body = signed === undefined ? said : { ...said, signed: Buffer.from(signed).toString("base64") };
  const answer = await answerOf(api, DecisionAnswer, "POST", `/api/runs/${of.run}/decisions`, body);
  out.result("qoc.runs.decision/1", answer, () => answer.says);
  out.note(`Next: qoc why ${of.run}`);
}

/** As the daemon reads it: without the spaces round it. */
function reasonIn(options: Asked["options"]): string {
  const reason = (textOption(options, "reason") ?? "").trim();
  if (reason.length <= REASON_LENGTH_MAX) return reason;
  throw usage("--reason is too long.", `It has more than ${REASON_LENGTH_MAX} characters.`, "--reason TEXT");
}

/** Of what would be sent now; a rejection may be of a draft that nobody could send. */
function digestOf({ decision, item }: Asked): string {
  if (item.digest !== null) return item.digest;
  if (decision === "reject") return item.digest_proposed;
  throw new CliError({
    what: "The draft cannot be approved.",
    why: item.reason ?? "It cannot be read.",
    try: "correct its file, or qoc reject",
    code: "DRAFT_CHANGED",
    exit: exitCodes.tryLater,
  });
}

async function confirmDigest({ io }: Session, { decision, options }: Asked, digest: string): Promise<void> {
  const named = textOption(options, "digest")?.toLowerCase();
  if (named !== undefined) {
    if (named === digest) return;
    throw new CliError({
      what: "The draft is not what was looked at.",
      why: `Its digest is ${digest} now, not ${named}.`,
      try: "look at it again: qoc runs show RUN",
      code: "DRAFT_CHANGED",
      exit: exitCodes.tryLater,
    });
  }
  if (io.stdin.isTTY !== true || !io.stderr.isTerminal)
    throw usage(
      "--digest is missing.",
      "Nobody can be asked here: the digest says what was looked at.",
      "--digest SHA",
    );
  const typed = await lineFrom(io, `To ${decision}, type the first ${TYPED} characters of the digest: `);
  if (typed.toLowerCase() === digest.slice(0, TYPED)) return;
  throw new CliError({
    what: "Nothing was decided.",
    why: "What was typed is not how the digest begins.",
    code: "NOT_CONFIRMED",
    exit: exitCodes.no,
  });
}

/** Whose key signs: the one named, or the only one of this run that lies here. */
function approverFor({ of, desk, options }: Asked): string {
  const named = textOption(options, "as");
  if (named !== undefined) return named;
  const { approvers } = readApprovers(desk.dir, desk.name, undefined);
  const able = approvers.filter(({ fingerprint }) => of.approval?.keys.includes(fingerprint) === true);
  const [first, second] = able;
  if (first !== undefined && second === undefined) return first.name;
  if (first !== undefined)
    throw usage(
      "--as is missing.",
      `These may decide: ${able.map(({ name }) => name).join(", ")}.`,
      `--as ${first.name}`,
    );
  throw new CliError({
    what: "Nobody can decide this run.",
    why: "It takes signed decisions only, and no approver of this desk had a key when it began. It ends as expired, or by qoc runs cancel.",
    try: "qoc approver add NAME, for the runs that come",
    code: "NO_APPROVER",
    exit: exitCodes.notPermitted,
  });
}

type Said = {
  readonly run: string;
  readonly workspace: string;
  readonly draft: number;
  readonly digest: string;
  readonly decision: DecisionWord;
  readonly reason: string;
};

async function sign({ io }: Session, said: Said, approver: string, deskDir: string): Promise<Uint8Array> {
  const passphrase = await passphraseFrom(io, `Passphrase of ${approver}`);
  const signer = await asCliError(() => unlockApprover(deskDir, approver, passphrase));
  return signDecision({ ...said, approver, at: new Date(io.now()).toISOString() }, signer);
}

/** What the key files refuse, as an error of the command. */
export async function asCliError<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    if (!(thrown instanceof ApproverRefused)) throw thrown;
    const exit = { NAME: exitCodes.usage, TAKEN: exitCodes.cannotCreate, MISSING: exitCodes.notFound };
    throw new CliError({
      what: "The approver's key cannot be used.",
      why: thrown.message,
      try: "qoc approver list",
      code: `APPROVER_${thrown.code}`,
      exit: {
        OPEN_TO_OTHERS: exitCodes.notPermitted,
        NOT_A_KEY: exitCodes.badData,
        PASSPHRASE: exitCodes.notPermitted,
        ...exit,
      }[thrown.code],
    });
  }
}

const closed = (item: DraftShown, { run, state }: DraftsAnswer): CliError =>
  new CliError({
    what: "The draft is not open.",
    why: `Draft ${item.draft} is ${item.state}; run ${run} is ${state}.`,
    try: `qoc why ${run}`,
    code: "NOT_NOW",
    exit: exitCodes.tryLater,
  });
