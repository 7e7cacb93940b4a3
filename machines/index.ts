/** Every machine by name and version. A version that actors were born with stays here as long as such actors may live. */
import type { AnyStateMachine } from "xstate";
import { delivery } from "./delivery.ts";
import { notice } from "./notice.ts";
import { notification } from "./notification.ts";
import { order } from "./order.ts";
import { subject } from "./subject.ts";

export const machines = {
  delivery: { "1": delivery },
  notice: { "1": notice },
  notification: { "1": notification },
  order: { "1": order },
  subject: { "1": subject },
} as const satisfies Readonly<Record<string, Readonly<Record<string, AnyStateMachine>>>>;

export type MachineName = keyof typeof machines;

/** What an actor that is born now is born with. */
export const currentVersion = {
  delivery: "1",
  notice: "1",
  notification: "1",
  order: "1",
  subject: "1",
} as const satisfies {
  readonly [Name in MachineName]: keyof (typeof machines)[Name];
};

export const isMachineName = (name: string): name is MachineName => Object.hasOwn(machines, name);

/** The machine of this name, in this version or in the current one. Undefined when this build has none. */
export function machineFor(name: string, version: string | undefined): AnyStateMachine | undefined {
  if (!isMachineName(name)) return undefined;
  const versions: Readonly<Record<string, AnyStateMachine>> = machines[name];
  const wanted = version ?? currentVersion[name];
  return Object.hasOwn(versions, wanted) ? versions[wanted] : undefined;
}
