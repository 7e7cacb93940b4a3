/** Sample deliveries of the kinds a new desk has webhooks for. Numbers stand as a sender writes them: `420.00` keeps its zeros. */
import { usage } from "./errors.ts";

const fixtures = {
  "price-alert": (event: string, at: string): string =>
    `{"event":${JSON.stringify(event)},"symbol":"MSFT","trigger_price":420.00,"current_price":421.35,"direction":"above",` +
    `"alert_name":"MSFT 420 break","timestamp":${JSON.stringify(at)}}`,
  "risk-breach": (event: string, at: string): string =>
    `{"event":${JSON.stringify(event)},"limit":"day-loss","threshold_pct":2.00,"observed_pct":2.35,"portfolio":"equity",` +
    `"severity":"high","timestamp":${JSON.stringify(at)}}`,
} as const;

export type FixtureName = keyof typeof fixtures;
export const fixtureNames = Object.keys(fixtures);
export const isFixture = (name: string): name is FixtureName => Object.hasOwn(fixtures, name);

/** Each is a new delivery, because its time is: to send one again, repeat it. */
export function fixtureBody(name: string, event: string | undefined, now: number): Uint8Array {
  if (!isFixture(name)) {
    throw usage(
      `There is no fixture ${JSON.stringify(name)}.`,
      `There are ${fixtureNames.join(" and ")}.`,
      `--fixture ${fixtureNames[0]}`,
    );
  }
  return Buffer.from(fixtures[name](event ?? name.replaceAll("-", "_"), new Date(now).toISOString()));
}
