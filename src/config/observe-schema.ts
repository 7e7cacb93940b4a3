/** `[inspect]` and `[telemetry]`: what of a daemon may be looked at from elsewhere. Rules stand in `observe-rules.ts`. */
import { z } from "zod";
import { forms } from "./forms.ts";
import { TABLE, text, url } from "./value-kinds.ts";

export const InspectSchema = z.strictObject(
  {
    stately: z.boolean("must be true or false").default(false).meta({
      description: "whether a page may hand ids and states to Stately's hosted inspector, each time a person asks",
    }),
  },
  TABLE,
);

export const TelemetrySchema = z.strictObject(
  {
    metrics_token: text(forms.secret).optional().meta({
      description: "what a scraper of /metrics shows as its bearer token; without it, the console's token alone",
    }),
    traces: url().optional().meta({
      description: "where spans are sent by OTLP over HTTP; https, or http on this machine; without it none are made",
    }),
  },
  TABLE,
);
