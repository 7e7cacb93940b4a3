/** A call as the run keeps it: what was asked, what the agent heard, and the bytes of both. Nothing in a call can keep it from being recorded. */
import { hash } from "node:crypto";
import type { ToolCall } from "../core/agent-run.ts";
import { sha256Of } from "../core/ids.ts";
import { cut, oneLine } from "../desk/markdown.ts";
import type { Artifact } from "../engine/ports.ts";
import type { Done, ToolRefused } from "./tool.ts";

const TOOL_NAME_CHARACTERS_MAX = 64;
const REFUSAL_CHARACTERS_MAX = 1_000;

export type ArgumentBytes = { readonly bytes: Uint8Array; readonly media_type: string; readonly size: number };

/** As JSON; of arguments over the limit their beginning, and how many bytes they have in all. */
export function argumentBytes(args: unknown, bytesMax: number): ArgumentBytes {
  const text = jsonOf(args);
  if (text === undefined) {
    const bytes = Buffer.from(NOT_JSON);
    return { bytes, media_type: "text/plain", size: bytes.byteLength };
  }
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= bytesMax) return { bytes, media_type: "application/json", size: bytes.byteLength };
  return { bytes: Uint8Array.from(bytes.subarray(0, bytesMax)), media_type: "text/plain", size: bytes.byteLength };
}

const NOT_JSON = "The arguments have no form in JSON.\n";

function jsonOf(args: unknown): string | undefined {
  try {
    const text: unknown = JSON.stringify(args ?? null);
    return typeof text === "string" ? text : undefined;
  } catch {
    // Nested too deep, or no data at all.
    return undefined;
  }
}

/** A refusal as the agent hears it: one line, bounded. */
export const refusalText = (says: string): string => cut(oneLine(says), REFUSAL_CHARACTERS_MAX, () => "…");

type CallRecord = { readonly call: ToolCall; readonly artifacts: readonly Artifact[] };

/** @param args null for a call whose arguments were dropped unread */
export function recordOf(tool: string, args: ArgumentBytes | null, outcome: Done | ToolRefused): CallRecord {
  const outputs = outcome.kind === "done" ? outcome.outputs : [];
  const artifacts = [
    ...(args === null ? [] : [artifactOf("tool_arguments", args.media_type, args.bytes)]),
    ...outputs.map(({ kind, media_type, bytes }) => artifactOf(kind, media_type, bytes)),
  ];
  return {
    call: {
      tool: cut(oneLine(tool.slice(0, 2 * TOOL_NAME_CHARACTERS_MAX)), TOOL_NAME_CHARACTERS_MAX, () => "…"),
      ok: outcome.kind === "done",
      refusal: outcome.kind === "done" ? null : refusalText(outcome.says),
      proposed: outcome.kind === "done" ? outcome.proposed : null,
      artifacts: artifacts.map(({ ref }) => ref),
      ...(outcome.kind === "done" && outcome.wrote !== null ? { wrote: [outcome.wrote] } : {}),
    },
    artifacts,
  };
}

const artifactOf = (kind: string, media_type: string, bytes: Uint8Array): Artifact => ({
  ref: { sha256: sha256Of(hash("sha256", bytes, "hex")), kind, media_type, bytes: bytes.byteLength, class: "internal" },
  bytes,
});
