/**
 * Decisions over the API. What a decision is about is read here and now, as bytes: those are judged, kept and sent, so an edit that comes later
 * changes nothing of what is sent. The run's one mailbox makes one winner of every race; who lost is told by what won.
 */
import type { FastifyInstance } from "fastify";
import { createHash } from "node:crypto";
import { type Judged, judgeDecision } from "../approval/judge-decision.ts";
import { birthOf } from "../core/delivery-journal.ts";
import type { DeliveryEvent } from "../core/delivery.ts";
import { type Instant, nameOf, type Sha256, sha256Of } from "../core/ids.ts";
import type { ExecutionStep } from "../core/observation.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { Artifact } from "../engine/ports.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import type { DraftNow } from "./control-target.ts";
import { becameOf, whyClosed } from "./decided.ts";
import { draftsKept, draftsOf, type DraftKept, isOpen, proposedOf } from "./draft-views.ts";
import { operatorMail } from "./operator-mail.ts";
import { CAUGHT_UP_MS_MAX, type Found, NAMES_A_RUN, runNamed } from "./run-routes.ts";
import { DecisionAnswer, DecisionBody, DraftsView } from "./shapes/drafts.ts";
import { RunParams } from "./shapes/values.ts";
import { isoOf } from "./views.ts";

type Decided = Extract<DeliveryEvent, { readonly type: "DECIDED" }>;

export function addDecisionRoutes(app: FastifyInstance, world: ApiWorld): void {
  let last = 0;
  /** No two decisions have one time: who hands in the same twice at once is told once that it counts. */
  const nextInstant = (): Instant => (last = Math.max(world.clock.now(), last + 1));

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs/:id/drafts",
      says: "The drafts of a run as they lie there now.",
      params: RunParams,
      answer: { kind: "json", schema: "qoc.runs.drafts/1", shape: DraftsView },
      refusals: [...NAMES_A_RUN, "NOT_NOW"],
    },
    async ({ params }) => {
      const found = await runNamed(world, params.id);
      if (isRefusal(found)) return found;
      const { desk, record } = found;
      const journal = desk.store.journal(record.address);
      if (journal[0]?.event !== "init") return refuse("NOT_NOW", "this run was set aside or erased");
      return draftsOf(record, journal, desk.drafts);
    },
  );

  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/runs/:id/decisions",
      says: "Approves or rejects one draft, by the digest of what was looked at.",
      params: RunParams,
      body: DecisionBody,
      answer: { kind: "json", schema: "qoc.runs.decision/1", shape: DecisionAnswer },
      refusals: [...NAMES_A_RUN, "DRAFT_UNKNOWN", "DRAFT_CHANGED", "APPROVAL_REFUSED", "NOT_NOW", "OVERLOADED"],
    },
    async ({ params, body }) => {
      if (body.decision === "reject" && body.reason === "")
        return refuse("REQUEST_MALFORMED", "reason: a rejection says why");
      const found = await runNamed(world, params.id);
      return isRefusal(found) ? found : decide(found, body, nextInstant());
    },
  );
}

async function decide({ desk, record }: Found, body: DecisionBody, now: Instant): Promise<DecisionAnswer | Refusal> {
  const { engine, drafts: door, store } = desk;
  if (engine === null || door === undefined) return refuse("NOT_NOW", "no daemon runs for this desk");
  const kept = draftsKept(record).find(({ draft }) => draft === body.draft);
  if (kept === undefined) return refuse("DRAFT_UNKNOWN", `run ${nameOf(record.address)} has no draft ${body.draft}`);
  const journal = store.journal(record.address);
  if (!isOpen(kept, record) || record.parked !== null) return refuse("NOT_NOW", whyClosed(kept, record, journal));
  const { run, workspace, policy } = birthOf(journal);
  if (policy.approval === undefined) return refuse("NOT_NOW", "this run was born without approvals");
  const looked = lookedAt(await door.read(kept.file), kept, proposedOf(kept, journal), body);
  if (isRefusal(looked)) return looked;
  const { approvers, unsettled } = door.approvers();
  const ground = { policy: policy.approval, approvers, unsettled, workspace, run, draft: body.draft };
  const signed = body.signed === undefined ? null : Buffer.from(body.signed, "base64");
  const judged = judgeDecision({ ...body, signed }, { ...ground, digest: looked.digest, now });
  if (judged.kind === "refused")
    return refuse(judged.code === "DRAFT_CHANGED" ? "DRAFT_CHANGED" : "APPROVAL_REFUSED", judged.says);
  const artifacts = [...looked.artifacts, ...decisionArtifacts(judged)];
  const event: Decided = {
    type: "DECIDED",
    draft: body.draft,
    approved: body.decision === "approve",
    digest: looked.digest,
    content: looked.content,
    approver: judged.approver,
    reason: body.reason,
    step: stepAt(now, artifacts),
    artifacts: artifacts.map(({ ref }) => ref),
  };
  await engine.post({ ...operatorMail(record, [event], now), artifacts });
  if (!(await engine.caughtUp(CAUGHT_UP_MS_MAX)))
    return refuse(
      "OVERLOADED",
      "the decision is kept, and has not been taken in yet: look at the run before you decide again",
    );
  const after = (await engine.read(record.address)) ?? record;
  const became = becameOf(event, after, store.journal(record.address).slice(journal.length));
  if (became === undefined) return refuse("NOT_NOW", lost(event, after, store.journal(record.address)));
  const { draft, digest, approver } = event;
  return { run, draft, decision: body.decision, approver, digest, state: after.state, says: became };
}

const stepAt = (now: Instant, artifacts: readonly Artifact[]): ExecutionStep => ({
  kind: "human_approval",
  status: "succeeded",
  exit_code: null,
  started_at: isoOf(now),
  finished_at: isoOf(now),
  artifacts: artifacts.map(({ ref }) => ref.sha256),
});

type Looked = { readonly digest: Sha256; readonly content: Sha256; readonly artifacts: readonly Artifact[] };

/** A draft that cannot be read can still be rejected, as it was proposed or approved last: nothing of it would be sent. */
function lookedAt(
  now: DraftNow,
  kept: DraftKept,
  proposed: Pick<DraftKept, "digest" | "content">,
  body: DecisionBody,
): Looked | Refusal {
  if (now.kind === "draft") {
    const { bytes, content, digest } = now;
    return { digest, content, artifacts: [artifact(bytes, content, "draft", "application/toml")] };
  }
  const known = [proposed, kept].find(({ digest }) => digest === body.digest);
  if (body.decision === "reject" && known !== undefined)
    return { digest: sha256Of(known.digest), content: sha256Of(known.content), artifacts: [] };
  return refuse("DRAFT_CHANGED", `${kept.file} cannot be sent as it is now: ${now.reason}`);
}

function decisionArtifacts({ artifact: bytes }: Extract<Judged, { readonly kind: "accepted" }>): readonly Artifact[] {
  if (bytes === null) return [];
  const sha256 = sha256Of(createHash("sha256").update(bytes).digest("hex"));
  return [artifact(bytes, sha256, "decision", "application/vnd.dsse.envelope.v1+json")];
}

const artifact = (bytes: Uint8Array, sha256: Sha256, kind: string, media_type: string): Artifact => ({
  ref: { sha256, kind, media_type, bytes: bytes.length, class: "internal" },
  bytes,
});

function lost(event: Decided, after: Found["record"], journal: Parameters<typeof whyClosed>[2]): string {
  if (after.parked !== null)
    return `run ${nameOf(after.address)} was set aside meanwhile; the decision is kept, and is taken in when a person resumes it: ${after.parked.reason}`;
  const kept = draftsKept(after).find(({ draft }) => draft === event.draft);
  if (kept !== undefined && isOpen(kept, after))
    return `${event.approver ?? "somebody"} has approved draft ${event.draft} before: another approver is wanted`;
  return kept === undefined ? `the run is ${after.state}` : whyClosed(kept, after, journal);
}
