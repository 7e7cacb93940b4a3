/** One scoped command: what it is called with, what it may reach, and what comes of it. */
import { z } from "zod";
import { oneLine } from "../desk/markdown.ts";
import type { FileWritten } from "../core/files-written.ts";
import type { RunId } from "../core/ids.ts";
import { isWellFormed } from "../core/json-reader.ts";
import type { Json } from "../core/observation.ts";
import type { DraftRef } from "../core/order.ts";
import type { Clock } from "../engine/ports.ts";
import type { DraftKind } from "../orders/draft.ts";
import type { AgentFiles } from "./agent-files.ts";
import type { OwnFiles } from "./own-files.ts";

/** What the tools of one run see of the daemon. Every sentence that a port says goes to the agent. */
export type ToolWorld = {
  readonly run: RunId;
  readonly workspace: string;
  readonly task: string;
  /** How many agents asked for one another before this run. */
  readonly depth: number;
  readonly clock: Pick<Clock, "now">;
  readonly files: AgentFiles;
  /** Names of the desk's connectors, and the kinds of drafts that are no orders. */
  readonly connectors: readonly string[];
  readonly kinds: readonly DraftKind[];
  /** Queues a run of a task for when this one is over. */
  readonly requeue: (task: string, reason: string) => Promise<Requeued | ToolRefused>;
  readonly standing: () => Promise<Standing>;
};

export type ToolRefused = { readonly kind: "refused"; readonly says: string };
export const refused = (says: string): ToolRefused => ({ kind: "refused", says });

export type Requeued = { readonly kind: "queued"; readonly run: RunId };

/** What a person sees of the desk at this moment. */
export type Standing = {
  /** The run's own state, as its machine calls it. */
  readonly state: string;
  readonly runs_under_way: number;
  readonly runs_queued: number;
  /** Drafts of earlier runs that a person has not decided on. */
  readonly drafts_waiting: readonly { readonly run: RunId; readonly file: string; readonly says: string }[];
};

/** What the tools of one run share while it lasts. */
export type Hand = {
  readonly world: ToolWorld;
  readonly own: OwnFiles;
  /** Tasks that this run queued. */
  readonly queued: Set<string>;
  /** What this run proposed so far. */
  readonly proposed: { readonly file: string; readonly says: string }[];
  readonly drafts_max: number;
  readonly left: () => { readonly calls: number; readonly bytes: number; readonly files: number };
};

/** Bytes that a call wrote: they become an artifact of the run. */
export type Output = {
  readonly kind: "tool_output" | "draft";
  readonly media_type: string;
  readonly bytes: Uint8Array;
};
export type Done = {
  readonly kind: "done";
  readonly text: string;
  readonly structured: Readonly<Record<string, Json>>;
  readonly outputs: readonly Output[];
  readonly proposed: Omit<DraftRef, "draft"> | null;
  readonly wrote: FileWritten | null;
};

export const done = (
  text: string,
  structured: Readonly<Record<string, Json>>,
  outputs: readonly Output[] = [],
): Done => ({ kind: "done", text, structured, outputs, proposed: null, wrote: null });

export const markdownOutput = (bytes: Uint8Array): Output => ({
  kind: "tool_output",
  media_type: "text/markdown",
  bytes,
});

export type Tool = {
  readonly description: string;
  /** JSON schema of an object. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Takes any arguments and refuses those of another form. */
  readonly perform: (args: unknown, hand: Hand) => Promise<Done | ToolRefused>;
};

const PROBLEMS_SHOWN_MAX = 5;

/** Binds a form of arguments to the work that is done with them. */
export function toolOf<Shape extends z.ZodRawShape>(
  description: string,
  shape: Shape,
  perform: (args: z.output<z.ZodObject<Shape, z.core.$strict>>, hand: Hand) => Promise<Done | ToolRefused>,
): Tool {
  const schema = z.strictObject(shape);
  const { $schema: _dialect, ...input } = z.toJSONSchema(schema, { io: "input" });
  return {
    description,
    input,
    perform: async (args, hand) => {
      const read = schema.safeParse(args);
      return read.success ? perform(read.data, hand) : refused(`The arguments are wrong: ${problemsOf(read.error)}.`);
    },
  };
}

const problemsOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(({ path, message }) => oneLine(path.length === 0 ? message : `${path.join(".")}: ${message}`).slice(0, 160))
    .join("; ");

/** What steers a terminal. Line ends and tabs are text. */
const CONTROL = /(?![\n\r\t])\p{Cc}/u;

/** Text over lines, for people. */
export const pageText = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .refine((text) => text.trim() !== "", "must not be empty")
    .refine((text) => !CONTROL.test(text) && isWellFormed(text), "holds control characters or is no Unicode text");

/** Text that becomes one line. */
export const lineText = (charactersMax: number) =>
  pageText(charactersMax).refine((text) => !/[\n\r]/.test(text), "must be one line");
