import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { type ConfigKey, configKeys } from "../../../src/config/keys.ts";
import { valueAt } from "../../../src/config/layers.ts";
import { DeskSchema } from "../../../src/config/schema.ts";
import { senderNames } from "../../../src/config/senders.ts";
import { locate, pathKey, positionOf } from "../../../src/config/toml-locator.ts";
import { deskOf } from "./load-text.ts";

const example = readFileSync(new URL("../../../desk.toml.example", import.meta.url), "utf8");
/** The example with every key that it shows commented out: `#key = value`, while prose is `# text`. */
const whole = example.replace(/^#(?=[a-z[])/gm, "");
const places = locate(whole);
const CUSTOM = 2;
/** Every key stands in the first webhook, except how a custom sender signs. */
const pathOf = ({ path }: ConfigKey) => path.map((part) => (part === "*" ? (path[2] === "scheme" ? CUSTOM : 0) : part));
const env = { WEBHOOK_SECRET_PRICE_ALERT: "a", WEBHOOK_SECRET_RISK: "b", WEBHOOK_SECRET_BUILD: "c" };
const named = configKeys.map((key) => [key.path.join("."), key] as const);

test("the example is a valid configuration as it stands", () => {
  expect(deskOf(example, { env }).webhooks.map(({ name }) => name)).toEqual([
    "price-alert",
    "risk-breach",
    "build-finished",
  ]);
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
  // Of a list that is empty by itself the whole table is commented out.
  const isShown = key.path[0] === "webhook" || !key.path.includes("*");
  expect(valueAt(parse(isShown ? example : whole), pathOf(key))).toEqual(key.default);
});

/** Without a default, and yet not to be left out; the agent's command, because a webhook of the example starts runs. */
const REQUIRED = [
  "name",
  "agent.command",
  "webhook.*.name",
  "webhook.*.secret",
  "webhook.*.action",
  "webhook.*.scheme.header",
];
const optional = named.filter(([name, key]) => key.default === null && !REQUIRED.includes(name));
test.each(optional)("the example leaves %s, which has no default, commented out", (_, key) => {
  expect(valueAt(parse(example), pathOf(key))).toBeUndefined();
});

const prose = example.replaceAll("\n# ", " ");

test("the example names every sender there is, and no other", () => {
  const [, known = ""] = /Known by name: ([^.]*)\./.exec(prose) ?? [];
  expect([...known.split(", "), "custom"].toSorted()).toEqual(senderNames.toSorted());
});

describe("the scheme that the example describes in words", () => {
  const [, words = ""] = /would be: (.*)\n\[webhook\.scheme\]/.exec(prose) ?? [];
  const lines = [...words.matchAll(/[a-z_]+ = "[^"]*"/g)].map(String);

  test("is what its comments show", () => {
    expect(lines.length).toBe(5);
    expect(lines.filter((line) => !line.startsWith("signed") && !example.includes(`\n#${line}\n`))).toEqual([]);
  });

  test("is the one of the header it describes", () => {
    const text = example.replace('signed = "{body}"\n', `${lines.join("\n")}\n`);
    expect(deskOf(text, { env }).webhooks[CUSTOM]?.provider).toMatchObject({
      sender: {
        scheme: {
          headers: ["x-example-signature"],
          item_separator: ",",
          field_separator: "=",
          field: "v1",
          signed: "{timestamp}.{body}",
          timestamp: { from: "field", names: ["t"], unit: "s", tolerance_s: 300 },
        },
      },
    });
  });
});
