/** Envelopes of an agent run that ends in an order, and of one that a person began, as the engine's journals tell of them. */
import type { DeliveryInput } from "../../../src/core/delivery.ts";
import { evidenceIdOf } from "../../../src/core/ids.ts";
import type { ArtifactRef, Json } from "../../../src/core/observation.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { artifact, birth, job, journal, observed, transition } from "../../unit/evidence/support.ts";
import { first } from "./desk.ts";

const bytesOf = (kind: string): ArtifactRef => artifact(kind, Buffer.from(`what stands for a ${kind}`));
const DIGEST = "1".repeat(64);

const stepOf = (kind: string, exit_code: number | null, ...artifacts: readonly ArtifactRef[]): Json => ({
  kind,
  status: "succeeded",
  exit_code,
  started_at: "2026-07-05T13:45:01.130Z",
  finished_at: "2026-07-05T13:45:02.140Z",
  artifacts: artifacts.map(({ sha256 }) => sha256),
});
const told = (step: Json, ...artifacts: readonly ArtifactRef[]): Json => ({
  effect: "delivery/x#5:0",
  step,
  artifacts: artifacts.map((each) => ({ ...each })),
});

const [draft, proposal, decision, acknowledgement, snapshot] = [
  "draft",
  "tool_arguments",
  "decision",
  "order_acknowledgement",
  "snapshot",
].map(bytesOf);
const [bundle, stdout] = ["agent_bundle", "agent_stdout"].map(bytesOf);
const some = (...given: readonly (ArtifactRef | undefined)[]): readonly ArtifactRef[] =>
  given.flatMap((each) => each ?? []);

const worked = [
  transition(4, "", "executing.performing", [observed("effect_started", "runAgent")]),
  transition(
    10,
    "TOOL_CALLED",
    "executing.performing",
    [
      observed("command_called", { tool: "orders_propose", ok: true, refusal: null }, ...some(proposal, draft)),
      observed("order_proposed", { draft: 1, digest: DIGEST }, ...some(draft)),
    ],
    { tool: "orders_propose", ok: true, refusal: null, ...artifactsOf(proposal, draft) },
  ),
  transition(
    12,
    "TOOL_CALLED",
    "executing.performing",
    [observed("command_called", { tool: "approve", ok: false, refusal: "There is no such tool." }, ...some(proposal))],
    { tool: "approve", ok: false, refusal: "There is no such tool.", proposed: null, ...artifactsOf(proposal) },
  ),
  transition(
    1000,
    "EFFECT_DONE",
    "awaiting-approval.asking",
    [
      observed("effect_done", "runAgent", ...some(bundle, stdout)),
      observed("process_confined", {
        sandbox: "bubblewrap",
        network: false,
        limits: [{ name: "processes", value: 64 }],
      }),
      observed("approval_requested", { drafts: 1, require: "signed", approvers: 1 }),
    ],
    told(stepOf("agent_run", 0, ...some(bundle, stdout)), ...some(bundle, stdout)),
  ),
];

const decided = [
  transition(
    5000,
    "DECIDED",
    "dispatching",
    [
      observed(
        "approval_decided",
        { draft: 1, approved: true, digest: DIGEST, approver: "ada" },
        ...some(draft, decision),
      ),
      observed("effect_started", "dispatchOrder"),
    ],
    told(stepOf("human_approval", null, ...some(decision)), ...some(draft, decision)),
  ),
  transition(
    5100,
    "ORDER_SETTLED",
    "reporting.writing",
    [
      observed("order_dispatched", { draft: 1, outcome: "executed", reason: null }, ...some(acknowledgement)),
      observed("effect_started", "writeReport"),
    ],
    told(stepOf("order_dispatch", null, ...some(acknowledgement)), ...some(acknowledgement)),
  ),
];

const reported = transition(
  5200,
  "REPORTED",
  "sealing.signing",
  [
    observed("report_written", "snapshots/20260705-1345-risk-review.md", ...some(snapshot)),
    observed("outcome_decided", "completed"),
  ],
  told(stepOf("run_summary", null, ...some(snapshot)), ...some(snapshot)),
);

function artifactsOf(...given: readonly (ArtifactRef | undefined)[]): { readonly artifacts: Json } {
  return { artifacts: some(...given).map((each) => ({ ...each })) };
}

const sealedAs = (number: number, changes: Partial<DeliveryInput>, entries: ReturnType<typeof journal>): Uint8Array =>
  seal(
    {
      ...job(entries),
      birth: {
        ...birth,
        evidence_id: evidenceIdOf(`01980000-0000-7000-8000-00000000000${number}`),
        policy: { ...birth.policy, action: "run", task: "risk-review" },
        disclosure_key: Buffer.alloc(32, number).toString("base64url"),
        ...changes,
      },
    },
    first,
  ).bytes;

/** As far as a delivery is recorded, which every run shares. */
const RECORDED = 4;

export const agentRun = sealedAs(5, {}, [...journal().slice(0, RECORDED), ...worked, ...decided, reported]);

const statement = "Run risk-review because a person asked for it";
const request = artifact(
  "task_request",
  Buffer.from('{"of_run":null,"reason":"have a look","schema":"qoc.task-asked/v1","task":"risk-review"}'),
);
export const runByHand = sealedAs(6, { by_hand: { of_run: null, depth: 0 }, request, headers: request }, [
  transition(0, "init", "received", [observed("run_asked", "risk-review", request)]),
  transition(
    1,
    "ASKED",
    "recorded",
    [
      observed("signature_verified", false),
      observed("asked_by", "operator"),
      observed("intent_recorded", statement, request),
    ],
    { of_run: null, reason: "have a look", statement, basis: [request.sha256] },
  ),
  transition(2, "", "executing.performing", [observed("effect_started", "runAgent")]),
  transition(
    1000,
    "EFFECT_DONE",
    "reporting.writing",
    [observed("effect_done", "runAgent", ...some(bundle, stdout)), observed("effect_started", "writeReport")],
    told(stepOf("agent_run", 0, ...some(bundle, stdout)), ...some(bundle, stdout)),
  ),
  reported,
]);
