/** What the desk's clerk (a worker thread) is asked to do: slow, pure work that ends in whole files. Plain data, so that it can be posted. */
import type { DeliveryInput, Facts } from "../core/delivery.ts";
import type { Instant, Sha256 } from "../core/ids.ts";
import type { Entry } from "../engine/ports.ts";

export type InboxJob = {
  readonly kind: "inbox";
  /** The desk's folder; the item goes into `inbox/` below it. */
  readonly dir: string;
  readonly run: string;
  readonly webhook: string;
  readonly received_at: number;
  readonly facts: Pick<Facts, "delivery_id" | "event_type" | "payload">;
  readonly sha256: Sha256;
  readonly media_type: string;
  /** The body, or of one too large to be read for an item its beginning. */
  readonly body: Uint8Array;
  /** Of the whole body. */
  readonly body_bytes: number;
  /** Set for an item that asks a person to look at something else than the run's own delivery. */
  readonly notice: Notice | null;
};

/** A run has one item, and beside it any number of notices, from 1. */
export type Notice = {
  readonly ordinal: number;
  /** One line of Markdown, with the words of others in code spans. */
  readonly says: string;
};

export type SealJob = {
  readonly kind: "seal";
  readonly dir: string;
  readonly birth: DeliveryInput;
  readonly machine: { readonly id: string; readonly version: string; readonly definition: string };
  /** The journal up to and with the entry into `sealing`; for an amendment, the entries that it amends with. */
  readonly entries: readonly Entry[];
  readonly amends: Amends | null;
};

/** Where an amendment stands: behind which envelope, as which, after which. */
export type Amends = {
  readonly evidence_id: string;
  readonly seal_hash: string;
  readonly ordinal: number;
  readonly prev_seal_hash: string;
};

/** A sealed document is to be replaced by a pack of it that opens nothing. */
export type EraseJob = {
  readonly kind: "erase";
  readonly dir: string;
  readonly evidence_id: string;
  /** Of the amendment that is meant; null for the envelope itself. */
  readonly ordinal: number | null;
  readonly at: Instant;
  readonly tlog_proof: string | null;
};

export type InboxDone = {
  readonly kind: "inbox";
  readonly file: string;
  readonly sha256: Sha256;
  readonly bytes: number;
};
export type SealDone = {
  readonly kind: "seal";
  readonly evidence_id: string;
  readonly seal_hash: string;
  readonly file: string;
};
export type EraseDone = {
  readonly kind: "erase";
  /** Of the document itself: an amendment has an id of its own. */
  readonly evidence_id: string;
  /** The pack, and whether it is there: not when the document was gone before. */
  readonly file: string;
  readonly made: boolean;
};
export type Job = InboxJob | SealJob | EraseJob;
export type JobDone = InboxDone | SealDone | EraseDone;
