/** What lets a desk's drafts be decided and sent: approvers, connectors, guards, the pages that ask and tell, and the summary of a run. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { openApproverPin } from "./adapters/approver-pin.ts";
import { systemClock } from "./adapters/clock.ts";
import { commandConnector } from "./adapters/connector-command.ts";
import { paperConnector } from "./adapters/connector-paper.ts";
import { placeWhole } from "./adapters/durable-file.ts";
import { createOrderFiles } from "./adapters/order-files.ts";
import { createPaperLedger } from "./adapters/paper-ledger.ts";
import { quotesOf } from "./adapters/paper-quotes.ts";
import { trustApprovers } from "./adapters/trusted-approvers.ts";
import { createAgentFiles } from "./adapters/agent-files.ts";
import type { DeskConfig } from "./config/desk-config.ts";
import type { ConnectorConfig, DraftKindConfig } from "./config/order-config.ts";
import { reasonOf } from "./core/assert.ts";
import { approverPage } from "./desk/approver-page.ts";
import { askApproval } from "./desk/ask-approval.ts";
import { guardOver } from "./desk/book-files.ts";
import { dispatchEffects } from "./desk/dispatch-order.ts";
import { readDraftFile } from "./desk/draft-file.ts";
import { namesOf, type PlacePage } from "./desk/page.ts";
import { settleOrder } from "./desk/settle-order.ts";
import { updateTask } from "./desk/task-status.ts";
import { writeReport } from "./desk/write-report.ts";
import type { Effects, Store } from "./engine/ports.ts";
import type { DraftDoor, DraftNow } from "./http/control-target.ts";
import type { Connector } from "./orders/connector.ts";
import { DRAFT_BYTES_MAX, readDraft } from "./orders/draft.ts";
import { shownFields, shownLimits } from "./orders/shown.ts";

export type OrdersWorld = {
  readonly dir: string;
  readonly workspace: string;
  readonly config: () => DeskConfig;
  readonly store: Pick<Store, "read" | "journal" | "artifact">;
  readonly place: PlacePage;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly warn: (says: string) => void;
};

export type Orders = { readonly effects: Effects; readonly drafts: DraftDoor };

/** Puts pages into the desk's folders, durably and once. */
export const placePages =
  (dir: string): PlacePage =>
  async (folder, page) => {
    const place = path.join(dir, folder);
    mkdirSync(place, { recursive: true });
    const { bytes } = page;
    return `${folder}/${await placeWhole({ folder: place, mode: 0o644, bytes, names: namesOf(page) })}`;
  };

export function createOrders(world: OrdersWorld): Orders {
  const { dir, workspace, config, store, place, warn } = world;
  const now = systemClock.now;
  const files = createOrderFiles(dir);
  const taskFiles = createAgentFiles(dir);
  const trusted = trustApprovers(dir, workspace, openApproverPin(path.join(dir, ".qoc")), (root, before) => {
    warn(
      before === undefined
        ? `the first approver's key is trusted from here on: ${root}`
        : `another approver's key is the root of all others from here on: ${root}, before it was ${before}`,
    );
    place("inbox", approverPage({ workspace, root, before, at: now() })).catch((thrown: unknown) =>
      warn(`the page about that approver's key was not written: ${reasonOf(thrown)}`),
    );
  });
  const paper = paperConnector({ ledger: createPaperLedger(dir), quoteOf: quotesOf(files), now });
  const kinds = (): DeskConfig["drafts"] => config().drafts;
  const commandOf = (
    {
      command,
      ask,
      timeout_ms,
      env,
    }: Pick<ConnectorConfig | DraftKindConfig, "command" | "ask" | "timeout_ms" | "env">,
    name: string,
  ): Connector =>
    commandConnector({ name, command: command ?? [], ask, timeout_ms, env }, { dir, environment: world.env });
  const connectors = (): ReadonlyMap<string, Connector> =>
    new Map(config().connectors.map((each) => [each.name, each.type === "paper" ? paper : commandOf(each, each.name)]));
  const actions = (): ReadonlyMap<string, Connector> =>
    new Map(config().drafts.map((each) => [each.kind, commandOf(each, each.kind)]));

  const effects: Effects = {
    ...dispatchEffects({
      workspace,
      store,
      now,
      // As configured at the moment that one is sent.
      get kinds() {
        return kinds();
      },
      get connectors() {
        return connectors();
      },
      get actions() {
        return actions();
      },
      approvers: trusted.approvers,
      guard: (order) => {
        const verdict = guardOver({ files, connectors: config().connectors, risk: config().risk, now })(order);
        if (verdict.kind === "block") warn(`an approved order was blocked by ${verdict.guard}: ${verdict.reason}`);
        return verdict;
      },
    }),
    settleOrder: settleOrder({
      store,
      files,
      place,
      get kinds() {
        return kinds();
      },
    }),
    askApproval: askApproval({ store, kinds, place }),
    writeReport: writeReport({
      store,
      place,
      now,
      warn,
      closeTask: async (task, outcome, summary) => {
        const status = outcome === "superseded" || outcome === "cancelled" ? null : "review";
        const closed = await updateTask(taskFiles, task, { status, summary, from: ["in-progress"] });
        return closed.kind === "updated" ? null : closed.says;
      },
    }),
  };

  function readNow(file: string): DraftNow {
    const found = readDraftFile(files, file, kinds());
    if (found.kind === "none") return { kind: "unreadable", reason: `${file} is gone` };
    if (found.kind === "unsafe") return { kind: "unreadable", reason: found.says };
    const { read, bytes, content } = found;
    if (read.kind === "invalid") return { kind: "unreadable", reason: read.problems.join("; ") };
    const { draft, digest, says } = read;
    return {
      kind: "draft",
      bytes,
      content,
      digest,
      says,
      fields: shownFields(draft),
      limits: shownLimits(draft, config().risk),
    };
  }

  return {
    effects,
    drafts: {
      read: async (file) => readNow(file),
      recall: (content) => {
        const bytes = store.artifact(content, DRAFT_BYTES_MAX);
        const read = bytes === undefined ? undefined : readDraft(bytes, kinds());
        return read?.kind === "draft" ? { says: read.says, fields: shownFields(read.draft) } : undefined;
      },
      approvers: trusted.approvers,
    },
  };
}
