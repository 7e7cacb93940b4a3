/** A run whose agent proposed drafts, in the real machine, behind the real API: with files that can be edited and a clock that stands. */
import { createHash } from "node:crypto";
import { type Approvers, settleApprovers } from "../../../src/approval/approvers.ts";
import type { ApprovalPolicy } from "../../../src/core/agent-run.ts";
import { nameOf, type RunId, sha256Of, type Sha256 } from "../../../src/core/ids.ts";
import type { Mail } from "../../../src/engine/ports.ts";
import { buildApiApp } from "../../../src/http/api-app.ts";
import type { ControlTarget, DeskTarget, DraftDoor, DraftNow } from "../../../src/http/control-target.ts";
import { readDraft } from "../../../src/orders/draft.ts";
import { DESK, endorsed, type Person, SIGNED_AT } from "../../support/approval-words.ts";
import { asJson, called, done, inputWith, normalized, recorded, RUN, VERIFIED } from "../../support/delivery-words.ts";
import { delivery } from "../../../machines/delivery.ts";
import { type Actor, begin, tell, told } from "../../support/machine-given.ts";
import { deliveryAddress } from "../../../src/core/ids.ts";
import { aTarget } from "./desk-with-runs.ts";
import { holdAnswers } from "../../support/api-answers.ts";

export const orderText = (symbol = "NVDA", quantity = "100"): string =>
  `[order]\nconnector = "paper"\nsymbol = "${symbol}"\nside = "buy"\nquantity = "${quantity}"\ntype = "market"\n` +
  `time_in_force = "day"\n[rationale]\nsummary = "mean reversion"\nresearch_ref = "research/nvda.md"\n`;
export const fileOf = (draft: number): string => `orders/proposed/2026-${draft}_NVDA_buy.toml`;

const sha256 = (bytes: Uint8Array): Sha256 => sha256Of(createHash("sha256").update(bytes).digest("hex"));
function draftNow(text: string | undefined): DraftNow {
  if (text === undefined) return { kind: "unreadable", reason: "it is gone" };
  const bytes = Buffer.from(text);
  const read = readDraft(bytes, []);
  if (read.kind === "invalid") return { kind: "unreadable", reason: read.problems.join("; ") };
  const { digest, says } = read;
  return {
    kind: "draft",
    bytes,
    content: sha256(bytes),
    digest,
    says,
    fields: [["quantity", "as written"]],
    limits: ["at most 5 % of NAV"],
  };
}

export type DecisionGiven = {
  readonly policy?: Partial<ApprovalPolicy>;
  /** The first of them is the root; each endorses the next. */
  readonly people?: readonly Person[];
  /** How many drafts the agent proposed. */
  readonly drafts?: number;
  readonly run?: RunId;
  readonly now?: () => number;
};

export function decisionWorld({
  policy = {},
  people = [],
  drafts = 1,
  run = RUN,
  now = () => SIGNED_AT,
}: DecisionGiven = {}) {
  const files = new Map(Array.from({ length: drafts }, (_, i) => [fileOf(i + 1), orderText("NVDA", String(100 + i))]));
  const approval: ApprovalPolicy = {
    require: "signed",
    approvers: 1,
    keys: people.map(({ key }) => key.fingerprint),
    ...policy,
  };
  const input = {
    ...inputWith({ action: "run", task: "risk-review", agent: { timeout_ms: 1000 }, approval }, run),
    workspace: DESK,
  };
  const proposals = [...files].map(([file, text]) => {
    const read = draftNow(text);
    if (read.kind === "unreadable") throw new Error(read.reason);
    return { ...called("orders_propose"), proposed: { file, digest: read.digest, content: read.content } };
  });
  const began = begin(delivery, deliveryAddress(run), asJson(input));
  let actor: Actor = tell(began, VERIFIED, normalized(), recorded(), ...proposals, done());
  let approvers: Approvers = settleApprovers(
    people.map((each, i) => endorsed(each, people[Math.max(0, i - 1)] ?? each)),
    DESK,
    people[0]?.key.fingerprint,
  );
  const posted: Mail[] = [];
  let asked = 0;
  let beforePost = (): void => undefined;
  const door: DraftDoor = {
    read: (file) => {
      asked += 1;
      return Promise.resolve(draftNow(files.get(file)));
    },
    recall: (content) => {
      const kept = [...files.values()].map(draftNow).find((each) => each.kind === "draft" && each.content === content);
      return kept?.kind === "draft" ? kept : undefined;
    },
    approvers: () => approvers,
  };
  const hear = (event: Mail["events"][number]): void => {
    if (actor.record.parked !== null) return;
    const stepped = told(actor, event);
    if (stepped.kind === "stepped") actor = tell(actor, event);
  };
  const given = aTarget([]);
  const desk = given.desks()[0];
  if (desk === undefined) throw new Error("a target has a desk");
  const { engine } = desk;
  if (engine === null) throw new Error("the desk has an engine");
  const target: ControlTarget = {
    ...given,
    desks: (): readonly DeskTarget[] => [
      {
        ...desk,
        store: {
          ...desk.store,
          read: (address) => (address === actor.record.address ? actor.record : undefined),
          journal: (address) => (address === actor.record.address ? actor.entries : []),
          unfinished: (after) => (after < actor.record.address ? [actor.record.address] : []),
        },
        engine: {
          ...engine,
          read: (address) => Promise.resolve(address === actor.record.address ? actor.record : undefined),
          post: (mail) => {
            beforePost();
            posted.push(mail);
            for (const event of mail.events) hear(asEvent(event));
            return Promise.resolve();
          },
        },
        drafts: door,
      },
    ],
  };
  const app = buildApiApp({
    target,
    clock: { now },
    entropy: { bytes: (count) => new Uint8Array(count) },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  holdAnswers(app);
  const ask = async (method: "GET" | "POST", url: string, payload?: object, headers: Record<string, string> = {}) => {
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  return {
    target,
    files,
    posted,
    run: nameOf(actor.record.address),
    /** How often a draft's file was read. */
    asked: () => asked,
    digestProposed: proposals[0]?.proposed.digest ?? "",
    state: () => actor.record.state,
    hear,
    park: (reason: string) => {
      actor = { ...actor, record: { ...actor.record, parked: { reason, at: now(), birth: null, events: [] } } };
    },
    /** Something that happens after a decision was judged and before it is in the mailbox. */
    justBefore: (act: () => void) => {
      beforePost = () => {
        beforePost = () => undefined;
        act();
      };
    },
    trust: (settled: Approvers) => {
      approvers = settled;
    },
    digest: (draft = 1): Sha256 => {
      const read = draftNow(files.get(fileOf(draft)));
      if (read.kind === "unreadable") throw new Error(read.reason);
      return read.digest;
    },
    drafts: () => ask("GET", `/api/runs/${run}/drafts`),
    decide: (body: object, headers?: Record<string, string>) =>
      ask("POST", `/api/runs/${run}/decisions`, body, headers),
    ask,
  };
}

/** What mail holds once it lay on a disk. */
const asEvent = (event: Mail["events"][number]): Mail["events"][number] => JSON.parse(JSON.stringify(event));
