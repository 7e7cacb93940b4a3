/** `[risk]` and `[approval]`: what an order must pass before it is sent, and whose word it needs. */
import { z } from "zod";
import { forms } from "./forms.ts";
import { choice, freeTexts, number, TABLE, text, texts } from "./value-kinds.ts";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
const SYMBOLS_MAX = 10_000;
const SESSIONS_MAX = 50;

const Session = z.strictObject(
  {
    days: z
      .array(choice(DAYS), "must be a list")
      .min(1, "must name at least one day")
      .meta({ description: "the days it is on, of mon, tue, wed, thu, fri, sat and sun" }),
    open: text(forms.timeOfDay).meta({ description: "when it begins" }),
    close: text(forms.timeOfDay).meta({ description: "when it ends; 24:00 is the end of the day" }),
  },
  TABLE,
);

const MarketHours = z.strictObject(
  {
    zone: text(forms.zone).meta({ description: "the time zone of the hours below" }),
    sessions: z
      .array(Session, "must be written [[risk.market_hours.sessions]], with two brackets")
      .min(1, "must have at least one session")
      .max(SESSIONS_MAX, `must have at most ${SESSIONS_MAX} items`),
  },
  TABLE,
);

export const RiskSchema = z
  .object(
    {
      max_order_nav: text(forms.decimal)
        .optional()
        .meta({ description: "the most that one order may be worth, as a fraction of the desk's net asset value" }),
      max_position_nav: text(forms.decimal).optional().meta({
        description: "the most that a position may be worth behind an order, as a fraction of the net asset value",
      }),
      day_loss_limit: text(forms.decimal).optional().meta({
        description: "the loss since the day began from which on nothing is sent, as a fraction of the net asset value",
      }),
      buying_power: z
        .boolean("must be true or false")
        .default(false)
        .meta({ description: "true blocks an order that the desk's cash does not pay for" }),
      symbol_allowlist: texts(forms.symbol, SYMBOLS_MAX).meta({
        description: "symbols that may be ordered; empty, all that are not on the other list",
      }),
      symbol_denylist: texts(forms.symbol, SYMBOLS_MAX).meta({ description: "symbols that are never ordered" }),
      market_hours: MarketHours.optional(),
    },
    TABLE,
  )
  .catchall(freeTexts());

export const ApprovalSchema = z.strictObject(
  {
    require: choice(["signed", "local"]).default("signed").meta({
      description:
        "signed, a decision is signed by an approver's key; local, whoever reaches the control socket can make one",
    }),
    approvers: number([1, 2])
      .default(1)
      .meta({ description: "how many different people must approve a draft; two only with signed" }),
  },
  TABLE,
);

export type RiskText = z.output<typeof RiskSchema>;
export type ApprovalText = z.output<typeof ApprovalSchema>;
