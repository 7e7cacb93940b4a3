/** What one run may do through its tools, and how much of it is left. */
import type { Instant } from "../core/ids.ts";
import { refused, type ToolRefused } from "./tool.ts";

export type ToolLimits = {
  readonly calls_per_minute: number;
  /** So many calls are taken and recorded; the box is closed to those behind. */
  readonly calls: number;
  /** Calls that wait for the one under way. */
  readonly waiting: number;
  readonly argument_bytes: number;
  readonly answer_bytes: number;
  readonly written_bytes: number;
  readonly files: number;
  readonly drafts: number;
};

export const TOOL_LIMITS: ToolLimits = {
  calls_per_minute: 120,
  calls: 2_000,
  waiting: 64,
  argument_bytes: 256 * 1024,
  answer_bytes: 256 * 1024,
  written_bytes: 16 * 1024 * 1024,
  files: 500,
  drafts: 100,
};

/** Tasks that one run may queue, each once. */
export const REQUEUES_MAX = 5;
/** Agents that asked for one another, each in a run that the one before it queued. */
export const REQUEUE_DEPTH_MAX = 3;

const MINUTE_MS = 60_000;

/** Calls within the last minute, refused ones among them. */
export function createCallRate(perMinute: number): { readonly take: (now: Instant) => ToolRefused | undefined } {
  const taken: Instant[] = [];
  return {
    take: (now) => {
      while (taken[0] !== undefined && taken[0] <= now - MINUTE_MS) taken.shift();
      if (taken.length < perMinute) {
        taken.push(now);
        return undefined;
      }
      const seconds = Math.max(1, Math.ceil(((taken[0] ?? now) + MINUTE_MS - now) / 1_000));
      return refused(`A run has ${perMinute} calls a minute; the next may come in ${seconds} s.`);
    },
  };
}

/** Bytes and files that a run may still write. */
export type WriteBudget = {
  readonly mayWrite: (bytes: number, files: number) => ToolRefused | undefined;
  readonly spend: (bytes: number, files: number) => void;
  readonly left: () => { readonly bytes: number; readonly files: number };
};

export function createWriteBudget({ written_bytes, files }: ToolLimits): WriteBudget {
  let left = { bytes: written_bytes, files };
  return {
    mayWrite: (bytes, made) => {
      if (bytes > left.bytes) return refused(`A run writes ${written_bytes} bytes in all; ${left.bytes} are left.`);
      if (made > left.files) return refused(`A run makes ${files} files in all, and this one has made them.`);
      return undefined;
    },
    spend: (bytes, made) => {
      left = { bytes: left.bytes - bytes, files: left.files - made };
    },
    left: () => left,
  };
}
