/** What a checked desk says of its orders: guards, approval, connectors, drafts of its own kinds, and who is notified. */
import { assert } from "../core/assert.ts";
import { type FreeText, freeTextsOf } from "./agent-config.ts";
import type { ConnectorText, DraftText, FieldText, NotifyEvent, NotifyText } from "./connector-schema.ts";
import { durationMs } from "./forms.ts";
import { type ApprovalText, type Day, RiskSchema, type RiskText } from "./risk-schema.ts";
import type { Secret } from "./secrets.ts";

/** The guards of a desk. One that is null, false or empty stops nothing. Decimals are texts as they were written. */
export type RiskConfig = {
  /** The three are fractions of the net asset value. */
  readonly max_order_nav: string | null;
  readonly max_position_nav: string | null;
  readonly day_loss_limit: string | null;
  readonly buying_power: boolean;
  readonly symbol_allowlist: readonly string[];
  readonly symbol_denylist: readonly string[];
  readonly market_hours: MarketHours | null;
  readonly text: readonly FreeText[];
};

/** `open` and `close` are `HH:MM` in the zone, `open` earlier than `close`, which may be 24:00. */
export type MarketHours = {
  readonly zone: string;
  readonly sessions: readonly { readonly days: readonly Day[]; readonly open: string; readonly close: string }[];
};

export type ApprovalConfig = { readonly require: ApprovalText["require"]; readonly approvers: 1 | 2 };

export type ConnectorConfig = {
  readonly name: string;
  readonly type: ConnectorText["type"];
  /** Of type command only, which always has one. */
  readonly command: readonly string[] | null;
  /** Null: nobody can say what became of an order whose acknowledgement was lost. */
  readonly ask: readonly string[] | null;
  readonly timeout_ms: number;
  readonly env: readonly string[];
};

export type DraftField = {
  readonly name: string;
  /** A list is a choice: the field is one of these texts. */
  readonly type: Exclude<FieldText["type"], "choice"> | readonly string[];
  readonly required: boolean;
};

export type DraftKindConfig = {
  readonly kind: string;
  readonly command: readonly string[];
  readonly ask: readonly string[] | null;
  readonly timeout_ms: number;
  readonly env: readonly string[];
  readonly fields: readonly DraftField[];
};

export type NotifyConfig = {
  readonly name: string;
  readonly url: string;
  readonly secret: Secret;
  readonly events: readonly NotifyEvent[];
  readonly allow_private: boolean;
};

export function riskConfig(risk: RiskText): RiskConfig {
  return {
    max_order_nav: risk.max_order_nav ?? null,
    max_position_nav: risk.max_position_nav ?? null,
    day_loss_limit: risk.day_loss_limit ?? null,
    buying_power: risk.buying_power,
    symbol_allowlist: risk.symbol_allowlist,
    symbol_denylist: risk.symbol_denylist,
    market_hours: risk.market_hours ?? null,
    text: freeTextsOf(risk, RiskSchema.shape),
  };
}

export const connectorConfig = ({ name, type, command, ask, timeout, env }: ConnectorText): ConnectorConfig => ({
  name,
  type,
  command: command ?? null,
  ask: ask ?? null,
  timeout_ms: msOf(timeout),
  env,
});

export const draftKindConfig = ({ kind, command, ask, timeout, env, fields }: DraftText): DraftKindConfig => ({
  kind,
  command,
  ask: ask ?? null,
  timeout_ms: msOf(timeout),
  env,
  fields: fields.map(({ name, type, choices, required }) => ({
    name,
    type: type === "choice" ? choices : type,
    required,
  })),
});

export function notifyConfig(
  { name, url, events, allow_private }: NotifyText,
  secret: Secret | undefined,
): NotifyConfig {
  assert(secret !== undefined, "a checked target has a secret");
  return { name, url, secret, events, allow_private };
}

function msOf(duration: string): number {
  const ms = durationMs(duration);
  assert(ms !== null, "a checked duration has its form");
  return ms;
}
