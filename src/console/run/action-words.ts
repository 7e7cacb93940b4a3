/** What a person can tell a run: how it is called here, and how the API takes it. Pure. */
import type { ActionAllowed } from "../../http/shapes/run-page.ts";

export type ActionName = ActionAllowed["action"];

export const ACTION_WORDS: Readonly<Record<ActionName, string>> = {
  resume: "Resume",
  cancel: "Cancel",
  release: "Release",
  release_as_new: "Release as a new run",
  settle_executed: "It was executed",
  settle_failed: "It was not executed",
};

type Call = {
  readonly verb: "resume" | "cancel" | "release";
  readonly body: { readonly reason: string; readonly as_new?: true; readonly settles?: "executed" | "failed" };
};

export function actionCall(action: ActionName, typed: string): Call {
  const reason = typed.trim();
  switch (action) {
    case "resume":
    case "cancel":
    case "release":
      return { verb: action, body: { reason } };
    case "release_as_new":
      return { verb: "release", body: { reason, as_new: true } };
    case "settle_executed":
      return { verb: "resume", body: { reason, settles: "executed" } };
    case "settle_failed":
      return { verb: "resume", body: { reason, settles: "failed" } };
  }
}
