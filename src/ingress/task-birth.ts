/** The mail that begins a run which no delivery began: a person, or the agent of another run, asked for a task. */
import { hash } from "node:crypto";
import type { ByHand, DeliveryEvent, DeliveryInput, Policy } from "../core/delivery.ts";
import { canonical } from "../core/canonical.ts";
import { deliveryAddress, evidenceIdOf, runIdOf, sha256Of, type Instant, type RunId } from "../core/ids.ts";
import type { Artifact, Mail } from "../engine/ports.ts";
import type { DeskIngress } from "./desk-ingress.ts";
import { UUID7_RANDOM_BYTES, uuidAt, uuidOfDigest } from "./uuid.ts";

/** Stands where the name of a webhook stands. No webhook can have this name. */
export const BY_HAND = "(by hand)";

export type TaskAsked = ByHand & { readonly task: string; readonly reason: string };

/** @param asked its `of_run`, if there is one, has one such run a task: asking again gives the same run */
export function taskMail(
  desk: Pick<DeskIngress, "name" | "origin" | "producer" | "runner" | "entropy">,
  policy: Policy,
  asked: TaskAsked,
  now: Instant,
): { readonly run: RunId; readonly mail: Mail } {
  const { task, of_run, depth, reason } = asked;
  const seed = of_run ?? Buffer.from(desk.entropy.bytes(32)).toString("hex");
  const run = runIdOf(
    uuidOfDigest(hash("sha256", JSON.stringify(["qoc.run/v1", "asked", desk.name, seed, task]), "hex")),
  );
  const request = requestOf({ task, reason, of_run });
  const birth: DeliveryInput = {
    run,
    evidence_id: evidenceIdOf(uuidAt(now, desk.entropy.bytes(UUID7_RANDOM_BYTES))),
    workspace: desk.name,
    webhook: BY_HAND,
    received_at: now,
    origin: desk.origin,
    producer: desk.producer,
    runner: desk.runner,
    policy: { ...policy, action: "run", task },
    request: request.ref,
    // There were none; evidence lists what there is once.
    headers: request.ref,
    disclosure_key: Buffer.from(desk.entropy.bytes(32)).toString("base64url"),
    by_hand: { of_run, depth },
  };
  const by = of_run === null ? "operator" : "agent";
  const event: DeliveryEvent = {
    type: "ASKED",
    of_run,
    reason,
    statement: `Run ${task} because ${of_run === null ? "a person" : `the agent of run ${of_run}`} asked for it`,
    basis: [request.ref.sha256],
  };
  const index = [{ name: "webhook" as const, key: `${desk.name}/${BY_HAND}` }];
  const to = deliveryAddress(run);
  return { run, mail: { to, through: null, at: now, by, birth, events: [event], artifacts: [request], index } };
}

function requestOf(asked: Pick<TaskAsked, "task" | "reason" | "of_run">): Artifact {
  const bytes = Buffer.from(canonical({ schema: "qoc.task-asked/v1", ...asked }));
  const sha256 = sha256Of(hash("sha256", bytes, "hex"));
  const ref = {
    sha256,
    kind: "task_request",
    media_type: "application/json",
    bytes: bytes.byteLength,
    class: "internal" as const,
  };
  return { ref, bytes };
}
