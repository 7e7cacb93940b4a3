/** Rows of the tables that the delivery's chart is held to: what is given, what it is told, what that gives; and the actors they begin with. */
import type { ActorEvent } from "../../../src/engine/ports.ts";
import {
  conflict,
  decided,
  delivered,
  done,
  executing,
  failed,
  interrupted,
  normalized,
  proposes,
  recorded,
  SEALED,
  unclear,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { tell, type Actor } from "../../support/machine-given.ts";

export const agent = { action: "run", task: "risk-review" } as const;
export const gapped = delivered({ on_gap: "wait" }, VERIFIED, normalized(), recorded({ order: "gap" }));
export const partial = delivered({ on_partial: "wait" }, VERIFIED, normalized(), recorded({ anchored: false }));
export const backingOff = executing({}, failed(true));
export const proposing = executing(agent, proposes("orders/proposed/1.toml"), proposes("orders/proposed/2.toml"));
export const asked = tell(proposing, done());
export const askedTwice = executing(
  { ...agent, approval: { require: "signed", approvers: 2, keys: [] } },
  proposes("orders/proposed/1.toml"),
  done(),
);
export const oneDenied = tell(asked, decided(1, false));
export const dispatching = tell(oneDenied, decided(2, true));
export const dispatchingBoth = tell(asked, decided(1, true), decided(2, true));
export const uncertain = tell(dispatching, unclear(2));
export const reporting = executing(agent, done());
export const stuck = executing(agent, interrupted());
export const sealing = executing({}, done());
export const sealed = tell(sealing, SEALED);
export const amending = tell(sealed, conflict);
export const toReporting: readonly string[] = ["effect_started = writeReport", "asks writeReport"];
export const toSealing = (outcome: string): readonly string[] => [`outcome_decided = ${outcome}`, "asks sealRun"];
export const begun = (work: string): readonly string[] => [`effect_started = ${work}`, `asks ${work}`];
export const ready = (policy: Parameters<typeof delivered>[0]): Actor => delivered(policy, VERIFIED, normalized());

/** `gives` is the state, then what was observed, asked for, told, woken and unwoken. */
export type Row = {
  readonly says: string;
  readonly actor: Actor;
  readonly when: ActorEvent;
  readonly gives: readonly [string, ...string[]];
};

export const row = (says: string, actor: Actor, when: ActorEvent, ...gives: readonly [string, ...string[]]): Row => ({
  says,
  actor,
  when,
  gives,
});
