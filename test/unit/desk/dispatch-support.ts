import { createHash, generateKeyPairSync, sign } from "node:crypto";
import type { Approver } from "../../../src/approval/approvers.ts";
import { signDecision } from "../../../src/approval/decision.ts";
import type { DeliveryEvent } from "../../../src/core/delivery.ts";
import { deliveryAddress, effectIdOf, runIdOf, type Sha256, sha256Of } from "../../../src/core/ids.ts";
import type { Json } from "../../../src/core/observation.ts";
import { dispatchEffects, type DispatchWorld } from "../../../src/desk/dispatch-order.ts";
import type { EffectOutcome } from "../../../src/engine/ports.ts";
import type { Acknowledgement, Answer, Connector, OrderToSend } from "../../../src/orders/connector.ts";
import { readDraft } from "../../../src/orders/draft.ts";

export const RUN = runIdOf("11111111-2222-8333-8444-555555555555");
export const WORKSPACE = "alpha";
export const hashOf = (bytes: Uint8Array | string): Sha256 =>
  sha256Of(createHash("sha256").update(bytes).digest("hex"));

export const draftFile = (quantity = "10", connector = "broker"): Buffer =>
  Buffer.from(
    `[order]\nconnector = "${connector}"\nsymbol = "NVDA"\nside = "buy"\nquantity = "${quantity}"\ntype = "market"\n\n[rationale]\nsummary = "a reason"\n`,
  );
export const DEPLOYMENT = { kind: "deployment", fields: [{ name: "version", type: "text", required: true }] } as const;
export const deploymentFile = Buffer.from(
  '[draft]\nkind = "deployment"\nname = "api"\nversion = "1.2"\n\n[rationale]\nsummary = "a reason"\n',
);

export function digestOf(bytes: Uint8Array): Sha256 {
  const read = readDraft(bytes, [DEPLOYMENT]);
  if (read.kind === "invalid") throw new Error(read.problems.join("; "));
  return read.digest;
}

export type Signer = Approver & { readonly sign: (bytes: Uint8Array) => Uint8Array };

export function approver(name: string): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const fingerprint = hashOf(publicKey.export({ type: "spki", format: "der" }));
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { name, fingerprint, publicKey: pem, sign: (bytes) => sign(null, bytes, privateKey) };
}

export const ANNA = approver("anna");
export const BERT = approver("bert");

type DecisionChanges = Partial<Omit<Parameters<typeof signDecision>[0], "at">>;

export const decisionBy = (signer: Signer, digest: Sha256, changes: DecisionChanges = {}): Buffer =>
  Buffer.from(
    signDecision(
      {
        workspace: WORKSPACE,
        run: RUN,
        draft: 1,
        digest,
        decision: "approve",
        reason: "",
        approver: signer.name,
        at: "2026-07-05T14:22:00.000Z",
        ...changes,
      },
      { keyid: signer.fingerprint, sign: signer.sign },
    ),
  );

/** A connector that notes what it was told, in order. */
export type Noted = Connector & { readonly told: readonly string[]; readonly sent: readonly OrderToSend[] };

export function notedConnector(
  submit: () => Acknowledgement = () => ({ kind: "accepted", reference: "A-1" }),
  ask: () => Answer = () => ({ kind: "not_seen" }),
): Noted {
  const told: string[] = [];
  const sent: OrderToSend[] = [];
  return {
    told,
    sent,
    submit: async (order) => {
      told.push("submit");
      sent.push(order);
      return submit();
    },
    ask: async (key) => {
      told.push(`ask ${key}`);
      return ask();
    },
  };
}

export type Told = Extract<DeliveryEvent, { readonly type: "ORDER_SETTLED" | "ORDER_UNCLEAR" }>;

/** An order that Anna approved and nothing stands against, in a world where all goes well, but for what is given. */
export function dispatchGiven(
  world: Partial<DispatchWorld> = {},
  changes: { readonly [member: string]: Json } = {},
  bytes: Buffer = draftFile(),
  signed: readonly Buffer[] = [decisionBy(ANNA, digestOf(bytes))],
): { readonly connector: Noted; readonly perform: () => Promise<EffectOutcome> } {
  const connector = notedConnector();
  const kept = new Map([bytes, ...signed].map((each) => [hashOf(each), each]));
  const asked: Json = {
    run: RUN,
    draft: 1,
    file: "orders/proposed/20260705T142200Z_NVDA_buy.toml",
    digest: digestOf(bytes),
    content: hashOf(bytes),
    decisions: signed.map(hashOf),
    resumed: false,
    approval: { require: "signed", approvers: 1, keys: [ANNA.fingerprint, BERT.fingerprint] },
    ...changes,
  };
  const { dispatchOrder } = dispatchEffects({
    workspace: WORKSPACE,
    store: { artifact: (sha256) => kept.get(sha256) },
    kinds: [DEPLOYMENT],
    connectors: new Map([["broker", connector]]),
    actions: new Map([["deployment", connector]]),
    approvers: () => ({ approvers: [ANNA, BERT], unsettled: null }),
    guard: () => ({ kind: "pass" }),
    now: () => Date.UTC(2026, 6, 5, 14, 22),
    ...world,
  });
  if (dispatchOrder === undefined) throw new Error("no effect");
  const address = deliveryAddress(RUN);
  const call = { id: effectIdOf(address, 7, 0), name: "dispatchOrder", address, params: asked, asked_at: 0 };
  return { connector, perform: () => dispatchOrder.perform(call) };
}

/** What the run is told. */
export function toldOf({ event }: EffectOutcome): Told {
  if (!isTold(event)) throw new Error(`the run was told ${event.type}`);
  return event;
}

const isTold = (event: { readonly type: string }): event is Told =>
  event.type === "ORDER_SETTLED" || event.type === "ORDER_UNCLEAR";
