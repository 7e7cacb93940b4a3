/** The words of an agent run: what its process may ask of the daemon, and what its run keeps of that. */
import type { FileWritten } from "./files-written.ts";
import type { Sha256 } from "./ids.ts";
import type { ArtifactRef } from "./observation.ts";
import type { DraftRef } from "./order.ts";

/** The names of the scoped commands, as tools of MCP and on the wire. */
export const TOOL_NAMES = [
  "status",
  "snapshot",
  "run",
  "inbox_write",
  "orders_propose",
  "research_write",
  "issue_update",
  "read_file",
  "list_files",
] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/**
 * One call of a scoped command, refused or not. `tool` is as it was asked for, shortened: it may be the name of no tool. `refusal` is the
 * sentence that the agent got. The arguments are an artifact of kind `tool_arguments`; what a call wrote is one of kind `tool_output`.
 * `proposed` is set by a call that made a draft; the run gives it its number.
 */
export type ToolCall = {
  readonly tool: string;
  readonly ok: boolean;
  readonly refusal: string | null;
  readonly proposed: Omit<DraftRef, "draft"> | null;
  readonly artifacts: readonly ArtifactRef[];
  /** Absent where nothing was written. */
  readonly wrote?: readonly FileWritten[];
};

/**
 * How drafts of a run are decided, fixed at its birth. `keys` are the approvers' keys that may decide, as SHA-256 of their SPKI DER: one
 * that is added while an agent runs decides nothing of that run.
 */
export type ApprovalPolicy = {
  readonly require: "signed" | "local";
  readonly approvers: number;
  readonly keys: readonly Sha256[];
};

/** What a run is launched with, fixed at its birth. */
export type AgentPolicy = { readonly timeout_ms: number };

/** What a person says became of an order that may have been sent, when its connector cannot tell. */
export type SettledByHand = "executed" | "failed";
/** Of the draft that the person looked for, and of no other that the run may be stuck over by then. */
export type WordOnOrder = { readonly draft: number; readonly outcome: SettledByHand };
