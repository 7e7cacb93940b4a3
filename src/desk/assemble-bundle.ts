/** The bundle of one run: the desk's texts as they are now, and what set the run off as its journal and its artifacts have it. */
import type { DeskConfig } from "../config/desk-config.ts";
import { birthOf, factsOf, firstTold } from "../core/delivery-journal.ts";
import type { Entry, Store } from "../engine/ports.ts";
import { renderBundle, type BundleTexts, type Cause } from "./bundle.ts";
import { gatherBundle } from "./bundle-files.ts";
import type { Task } from "./task-file.ts";

export type BundleWorld = {
  readonly dir: string;
  readonly config: Pick<DeskConfig, "name" | "agent" | "risk" | "context" | "connectors" | "drafts">;
  readonly store: Pick<Store, "artifact">;
  readonly commands: BundleTexts["commands"];
};

export type Assembled =
  | { readonly kind: "bundle"; readonly text: string }
  /** A sentence: there is no bundle that would be whole where it has to be. */
  | { readonly kind: "refused"; readonly says: string };

export async function assembleBundle(world: BundleWorld, task: Task, journal: readonly Entry[]): Promise<Assembled> {
  const { dir, config, commands } = world;
  const { run } = birthOf(journal);
  const gathered = await gatherBundle({ dir, config, run, task, commands, cause: causeOf(journal, world) });
  if (gathered.kind === "refused") return gathered;
  const bundle = renderBundle(gathered.texts, config.context.budget_bytes);
  return bundle.kind === "bundle" ? bundle : { kind: "refused", says: bundle.says };
}

function causeOf(journal: readonly Entry[], { store, config }: BundleWorld): Cause {
  const { webhook, received_at, request } = birthOf(journal);
  const facts = factsOf(journal);
  if (facts === undefined) {
    const asked = firstTold(journal, "ASKED");
    return { kind: "by_hand", of_run: asked?.of_run ?? null, reason: asked?.reason ?? "" };
  }
  const { sha256, media_type, bytes } = request;
  // More than the whole bundle may have is not read.
  const body = store.artifact(sha256, Math.min(bytes, config.context.budget_bytes)) ?? new Uint8Array();
  return { kind: "delivery", webhook, received_at, facts, sha256, media_type, body, body_bytes: bytes };
}
