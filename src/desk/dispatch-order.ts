/**
 * The effect that sends one approved draft. Nothing is believed that was checked before: what is sent is read again from the bytes that were
 * approved, and every signature is verified again. Up to the connector's `submit` nothing has been sent, and every end says so; behind it, only
 * what the connector says counts, and whatever else happens leaves the order open for a person. An order that may have been sent before is
 * asked for first, and as long as nobody can tell, it is neither sent nor said not to have been.
 */
import type { Approvers } from "../approval/approvers.ts";
import { assert, reasonOf } from "../core/assert.ts";
import { deliveryAddress, type Instant } from "../core/ids.ts";
import type { EffectCall, EffectOutcome, Effects, Store } from "../engine/ports.ts";
import { type Answer, type Connector, orderKeyOf, type OrderToSend } from "../orders/connector.ts";
import { type Draft, type DraftKind, type OrderDraft, readDraft } from "../orders/draft.ts";
import type { Guarded } from "../orders/guards.ts";
import { approvalFault } from "./dispatch-approval.ts";
import { type DispatchAsked, dispatchAskedIn } from "./dispatch-asked.ts";
import { type DispatchEnd, type Said, tellEnd } from "./dispatch-end.ts";

export type DispatchWorld = {
  readonly workspace: string;
  readonly store: Pick<Store, "artifact">;
  readonly kinds: readonly DraftKind[];
  /** By the name of a `[[connector]]`. */
  readonly connectors: ReadonlyMap<string, Connector>;
  /** By the kind of a `[[draft]]`. */
  readonly actions: ReadonlyMap<string, Connector>;
  readonly approvers: () => DeskApprovers | Promise<DeskApprovers>;
  /** All guards over the book as it is by now. What it throws blocks. */
  readonly guard: (order: OrderDraft) => Guarded | Promise<Guarded>;
  readonly now: () => Instant;
};
type DeskApprovers = Pick<Approvers, "approvers" | "unsettled">;

/** One order of a desk at a time: the guards of the next one look at the book that this one leaves. */
export function dispatchEffects(world: DispatchWorld): Effects {
  return { dispatchOrder: { repeatable: false, concurrency: 1, perform: (call) => dispatchOrder(world, call) } };
}

async function dispatchOrder(world: DispatchWorld, call: EffectCall): Promise<EffectOutcome> {
  const asked = dispatchAskedIn(call.params);
  assert(call.address === deliveryAddress(asked.run), "a run sends its own orders");
  const began = world.now();
  const end = await dispatch(world, asked);
  return tellEnd(call, asked, end, { began, ended: world.now() });
}

async function dispatch(world: DispatchWorld, asked: DispatchAsked): Promise<DispatchEnd> {
  const ready = prepare(world, asked);
  if (ready.kind !== "ready")
    return asked.resumed ? unclear(`whether it was sent cannot be asked: ${ready.reason}`) : ready;
  const known = asked.resumed ? await askFirst(ready) : null;
  if (known !== null) return known;
  const held = (await unapproved(world, asked)) ?? (await guarded(world, ready.order.draft));
  return held ?? send(ready);
}

type Ready = {
  readonly kind: "ready";
  readonly order: OrderToSend;
  readonly name: string;
  readonly connector: Connector;
};
type Unsent = Extract<DispatchEnd, { readonly kind: "settled" }> & { readonly reason: string };

const unsent = (outcome: "failed" | "blocked", reason: string): Unsent => ({
  kind: "settled",
  outcome,
  reason,
  said: null,
});
const blocked = (reason: string): Unsent => unsent("blocked", reason);
const unclear = (reason: string, said: Said | null = null): DispatchEnd => ({ kind: "unclear", reason, said });

/** What would be sent and through what, from the approved bytes alone. */
function prepare(
  { store, kinds, ...world }: DispatchWorld,
  { run, draft: number, digest, content }: DispatchAsked,
): Ready | Unsent {
  try {
    const bytes = store.artifact(content);
    if (bytes === undefined) return blocked("the draft that was approved is not kept any more");
    const read = readDraft(bytes, kinds);
    if (read.kind === "invalid")
      return blocked(`the draft that was approved cannot be read: ${read.problems.join("; ")}`);
    if (read.digest !== digest) return blocked("the draft that is kept is not the one that was approved");
    const { name, connector } = connectorOf(read.draft, world);
    if (connector === undefined) return blocked(`desk.toml has no ${name}`);
    const key = orderKeyOf(run, number, digest);
    return { kind: "ready", name, connector, order: { key, run, number, digest, draft: read.draft } };
  } catch (thrown) {
    return unsent("failed", `nothing was sent: ${reasonOf(thrown)}`);
  }
}

function connectorOf(
  draft: Draft,
  { connectors, actions }: Pick<DispatchWorld, "connectors" | "actions">,
): { readonly name: string; readonly connector: Connector | undefined } {
  return draft.kind === "order"
    ? { name: `connector ${draft.connector}`, connector: connectors.get(draft.connector) }
    : { name: `draft of kind ${draft.action}`, connector: actions.get(draft.action) };
}

/** Null when the connector never had it, so that it may be sent. */
async function askFirst({ connector, name, order: { key } }: Ready): Promise<DispatchEnd | null> {
  try {
    const answer = await connector.ask(key);
    return answer.kind === "not_seen" ? null : endOf(answer, { connector: name, key, to: "ask", answer });
  } catch (thrown) {
    return unclear(`the connector could not be asked: ${reasonOf(thrown)}`);
  }
}

async function unapproved(
  { workspace, store, approvers }: DispatchWorld,
  asked: DispatchAsked,
): Promise<Unsent | null> {
  try {
    const ground = { workspace, approvers: await approvers(), artifact: store.artifact };
    const fault = approvalFault(asked, ground);
    return fault === null ? null : blocked(fault);
  } catch (thrown) {
    return unsent("failed", `nothing was sent, the approvals could not be verified: ${reasonOf(thrown)}`);
  }
}

/** The guards are about positions and money, and so about orders alone. */
async function guarded({ guard }: DispatchWorld, draft: Draft): Promise<Unsent | null> {
  if (draft.kind !== "order") return null;
  try {
    const verdict = await guard(draft);
    return verdict.kind === "pass" ? null : blocked(`${verdict.guard}: ${verdict.reason}`);
  } catch (thrown) {
    return blocked(`the guards could not be asked: ${reasonOf(thrown)}`);
  }
}

async function send({ connector, name, order }: Ready): Promise<DispatchEnd> {
  try {
    const answer = await connector.submit(order);
    return endOf(answer, { connector: name, key: order.key, to: "submit", answer });
  } catch (thrown) {
    return unclear(`it may have been sent: ${reasonOf(thrown)}`);
  }
}

function endOf(answer: Exclude<Answer, { readonly kind: "not_seen" }>, said: Said): DispatchEnd {
  switch (answer.kind) {
    case "filled":
      return { kind: "settled", outcome: "executed", reason: null, said };
    case "accepted":
      return {
        kind: "settled",
        outcome: "executed",
        reason: `accepted as ${answer.reference}; what comes of it is not known here`,
        said,
      };
    case "refused":
      return { kind: "settled", outcome: "failed", reason: answer.reason, said };
    case "unclear":
      return unclear(`it may have been sent: ${answer.reason}`, said);
    case "cannot_tell":
      return unclear(`whether it was sent cannot be told: ${answer.reason}`, said);
  }
}
