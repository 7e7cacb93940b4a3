/** A row of the run list from the run itself, for a row that changed. */
import type { RunDetail, RunItem } from "../../http/shapes/runs.ts";

export const itemOf = (detail: RunDetail): RunItem => ({
  run: detail.run,
  workspace: detail.workspace,
  webhook: detail.webhook,
  delivery_id: detail.delivery_id,
  state: detail.state,
  outcome: detail.outcome,
  waiting_for: detail.waiting_for,
  duplicates: detail.duplicates,
  evidence_id: detail.evidence_id,
  received_at: detail.received_at,
  sealed_at: detail.sealed_at,
  event_type: detail.event_type,
  subject: detail.subject,
  task: detail.task,
  waiting_until: detail.waiting_until,
  parked: detail.parked !== null,
});
