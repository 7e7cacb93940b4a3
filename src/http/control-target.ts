/**
 * What the control API needs of the daemon. `main.ts` implements it over live desks; the CLI implements it over a store
 * opened for reading, so that a stopped desk answers the same questions through the same code.
 */
import type { Approvers } from "../approval/approvers.ts";
import type { Instant, RunId, Sha256 } from "../core/ids.ts";
import type { Refusal } from "../core/refusals.ts";
import type { Change, Engine, Store } from "../engine/ports.ts";
import type { TestSent } from "./shapes/endpoints.ts";
import type { WebhookSignatures } from "./signature-health.ts";

/** The part of a store that views are made from. */
export type StoreReads = Pick<Store, "read" | "journal" | "artifact" | "find" | "unfinished" | "addresses" | "stats">;

/** A webhook as configured. Holds how many secrets are set, never one of them. */
export type WebhookInfo = {
  readonly name: string;
  /** Who sends to it: a preset's name, or `custom`. */
  readonly provider: string;
  readonly action: "inbox" | "run";
  /** What a delivery starts; null of one that is filed into the inbox. */
  readonly task: string | null;
  /** Null while nothing listens. */
  readonly url: string | null;
  readonly secrets: number;
};

export type DeskCounters = { readonly mail_waiting: number; readonly failed_signatures: number };

/** The file of a draft as it is now. `digest` is of what would be sent, `content` of the bytes; texts are for people. */
export type DraftNow =
  | {
      readonly kind: "draft";
      readonly bytes: Uint8Array;
      readonly content: Sha256;
      readonly digest: Sha256;
      readonly says: string;
      readonly fields: readonly (readonly [name: string, value: string])[];
      /** The limits that hold for it, a sentence each. */
      readonly limits: readonly string[];
    }
  /** Gone, changed into something else, or nothing that could be sent. */
  | { readonly kind: "unreadable"; readonly reason: string };

/** What decisions over a desk's drafts need: the drafts as they lie there, and who may decide. */
export type DraftDoor = {
  /** `file` is a path below the desk that the run proposed. Whatever lies there, it does not reject. */
  readonly read: (file: string) => Promise<DraftNow>;
  /** What these kept bytes said, for a draft that is not open any more; undefined once they are gone. */
  readonly recall: (content: Sha256) => Pick<Extract<DraftNow, { kind: "draft" }>, "says" | "fields"> | undefined;
  /** Of the desk as it is now, against the root that is pinned; the first root that it ever meets is pinned by this. */
  readonly approvers: () => Approvers;
};

export type DeskTarget = {
  readonly name: string;
  readonly dir: string;
  readonly webhooks: readonly WebhookInfo[];
  readonly store: StoreReads;
  /** Null for a stopped desk: it can be read, nothing can be posted to it. */
  readonly engine: Engine | null;
  readonly counters: () => DeskCounters;
  /** How the signatures of a webhook fared; null for a stopped desk. */
  readonly signatures: (webhook: string) => WebhookSignatures | null;
  /** Absent where nothing can be decided, as of a stopped desk. */
  readonly drafts?: DraftDoor;
  /** Begins a run of a task; resolves when it is durable. Absent for a stopped desk. */
  readonly runTask?: (task: string, reason: string) => Promise<RunId | Refusal>;
  /** Signs a sample with the webhook's own secret and posts it to the daemon's own ingress. Absent for a stopped desk. */
  readonly sendTest?: (webhook: string) => Promise<TestSent | Refusal>;
};

export type DaemonStatus = {
  readonly version: string;
  /** Null when no daemon runs. */
  readonly pid: number | null;
  /** Without meaning when no daemon runs. */
  readonly started_at: Instant;
  readonly ready: boolean;
  readonly draining: boolean;
  /** Base URLs; null where nothing listens. */
  readonly ingress: string | null;
  readonly console: string | null;
};

/** One condition of readiness, with a sentence that says what was found. */
export type ReadyCheck = { readonly name: string; readonly ok: boolean; readonly says: string };

export type Reloaded =
  | { readonly kind: "reloaded"; readonly workspaces: readonly string[] }
  /** Nothing changed: the old configuration stays in force as a whole. */
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/** A committed change of one desk, as its engine told it. */
export type ChangeListener = (workspace: string, change: Change) => void;

export interface ControlTarget {
  /** The desks now served; a reload may change them. */
  readonly desks: () => readonly DeskTarget[];
  readonly status: () => DaemonStatus;
  readonly ready: () => Promise<readonly ReadyCheck[]>;
  /** Begins to stop and returns at once; the answer to the caller is sent before the socket closes. */
  readonly stop: (drainMs: number) => void;
  /** Re-reads every `desk.toml`, whole or not at all. */
  readonly reload: () => Promise<Reloaded>;
  /** Calls back after each commit of any desk, in commit order per actor. Returns how to leave. */
  readonly listen: (listener: ChangeListener) => () => void;
  /** Writes a consistent copy of a desk's store to a new path on this machine. Rejects when the path exists. */
  readonly backup: (workspace: string, to: string) => Promise<{ readonly bytes: number }>;
}
