import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { expect, test } from "vitest";
import { type ConfigKey, configKeys } from "../../../src/config/keys.ts";
import { valueAt } from "../../../src/config/layers.ts";
import { DeskSchema } from "../../../src/config/schema.ts";
import { locate, pathKey, positionOf } from "../../../src/config/toml-locator.ts";
import { deskOf } from "./load-text.ts";

const example = readFileSync(new URL("../../../desk.toml.example", import.meta.url), "utf8");
/** The example with every key that it shows commented out: `#key = value`, while prose is `# text`. */
const whole = example.replace(/^#(?=[a-z[])/gm, "");
const places = locate(whole);
const pathOf = (key: ConfigKey) => key.path.map((part) => (part === "*" ? 0 : part));
const env = { WEBHOOK_SECRET_PRICE_ALERT: "a", WEBHOOK_SECRET_RISK: "b" };
const named = configKeys.map((key) => [key.path.join("."), key] as const);

test("the example is a valid configuration as it stands", () => {
  expect(deskOf(example, { env }).webhooks.map(({ name }) => name)).toEqual(["price-alert", "risk-breach"]);
});

test("what the example shows commented out is valid too, each by itself", () => {
  expect(DeskSchema.safeParse(parse(whole)).error).toBeUndefined();
});

test("the schema has keys", () => {
  expect(configKeys.length).toBeGreaterThan(30);
});

test.each(named)("the example has %s, with its reason above it", (_, key) => {
  const place = places.get(pathKey(pathOf(key)));
  const line = positionOf(whole, place?.key.start ?? 0).line;
  expect(place).toBeDefined();
  expect(key.reason).not.toBe("");
  expect(whole.split("\n")[line - 2]).toBe(`# ${key.reason}`);
});

test.each(named.filter(([, key]) => key.default !== null))("the example states the default of %s", (_, key) => {
  expect(valueAt(parse(example), pathOf(key))).toBe(key.default);
});

const optional = named.filter(([, key]) => key.default === null && !/name|secret|action/.test(key.path.at(-1) ?? ""));
test.each(optional)("the example leaves %s, which has no default, commented out", (_, key) => {
  expect(valueAt(parse(example), pathOf(key))).toBeUndefined();
});
