/** Hands a decision in, signed in this page where the run asks for it. What signs is loaded when it is needed. */
import type { DecisionWord } from "../../approval/decision-words.ts";
import type { DecisionAnswer, DecisionBody, DraftsView } from "../../http/shapes/drafts.ts";
import { ask, tell } from "../api.ts";
import type { ApproverKnown } from "./approver-key.ts";
import { runPath } from "./use-run.ts";

/** `digest`: of what was shown. */
export type Decided = {
  readonly draft: number;
  readonly decision: DecisionWord;
  readonly digest: string;
  readonly reason: string;
};
export type Unlock = { readonly file: File; readonly passphrase: string; readonly progress: (part: number) => void };
/** A key that does not open, or is nobody's: nothing was sent. */
export class NotSigned extends Error {}

const CHARACTERS_A_CALL = 4096;

/** @throws NotSigned, or a Problem of the daemon's */
export async function decideDraft(
  drafts: DraftsView,
  decided: Decided,
  unlock: Unlock | null,
): Promise<DecisionAnswer> {
  const said = { ...decided, reason: decided.reason.trim() };
  const body: DecisionBody = unlock === null ? said : { ...said, signed: await signedBy(drafts, said, unlock) };
  return tell<DecisionAnswer>(runPath(drafts.run, "/decisions"), body);
}

type ApproversAnswer = {
  readonly items: readonly { readonly workspace: string; readonly approvers: readonly ApproverKnown[] }[];
};

async function signedBy(drafts: DraftsView, said: Decided, unlock: Unlock): Promise<string> {
  const { KEY_FILE_BYTES_MAX } = await import("./encrypted-key.ts");
  if (unlock.file.size > KEY_FILE_BYTES_MAX) throw new NotSigned("This file is too long to be an approver's key.");
  const [{ openKey, signDecisionWith }, text, { items }] = await Promise.all([
    import("./approver-key.ts"),
    unlock.file.text(),
    ask<ApproversAnswer>("/api/approvers"),
  ]);
  const keys = drafts.approval?.keys;
  const able = items
    .filter(({ workspace }) => workspace === drafts.workspace)
    .flatMap(({ approvers }) => approvers)
    .filter(({ fingerprint }) => keys?.includes(fingerprint) ?? true);
  const opened = await openKey(text, unlock.passphrase, unlock.progress);
  if (opened.kind === "refused") throw new NotSigned(opened.says);
  const { workspace, run } = drafts;
  const signed = await signDecisionWith(opened, able, { ...said, workspace, run, at: new Date().toISOString() });
  if (signed.kind === "refused") throw new NotSigned(signed.says);
  return base64Of(signed.bytes);
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS_A_CALL)
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS_A_CALL));
  return btoa(text);
}
