import { describe, expect, test } from "vitest";
import { changesNeedingRestart, describeConfig } from "../../../src/config/settings.ts";
import { desk, deskOf, problemsOf } from "./load-text.ts";

const TOKEN = "scraper-4f1c9a2b7e";
const telemetry = (line: string): string => desk(`[telemetry]\n${line}`);
const withToken = telemetry('metrics_token = "env:QOC_METRICS_TOKEN"');
const first = (line: string, env = {}) => problemsOf(telemetry(line), { env })[0];

describe("the scraper's token", () => {
  const env = { QOC_METRICS_TOKEN: TOKEN };

  test("is a secret of the environment, which nothing shows", () => {
    const loaded = deskOf(withToken, { env });
    expect(Buffer.from(loaded.daemon.metrics_token?.reveal() ?? []).toString()).toBe(TOKEN);
    expect(describeConfig(loaded)).toContainEqual({
      key: "telemetry.metrics_token",
      value: "env:QOC_METRICS_TOKEN (set)",
      origin: "workspace",
    });
    expect(JSON.stringify(loaded)).not.toContain(TOKEN);
  });

  test("may stand in a file", () => {
    const loaded = deskOf(telemetry('metrics_token = "file:token"'), { files: { token: `${TOKEN}\n` } });
    expect(Buffer.from(loaded.daemon.metrics_token?.reveal() ?? []).toString()).toBe(TOKEN);
  });

  test("must not stand in desk.toml, and is not repeated", () => {
    const problem = first(`metrics_token = "${TOKEN}"`);
    expect(problem).toMatchObject({
      key: "telemetry.metrics_token",
      seen: "(hidden)",
      nearest: '"env:QOC_METRICS_TOKEN"',
    });
    expect(JSON.stringify(problem)).not.toContain(TOKEN);
  });

  test.each(["short", "has a blank in it", "ünprintable-and-long"])("%j is none that a scraper could send", (token) => {
    const problem = first('metrics_token = "env:QOC_METRICS_TOKEN"', { QOC_METRICS_TOKEN: token });
    expect(problem?.says).toContain("16 to 256");
    expect(JSON.stringify(problem)).not.toContain(token);
  });

  test("that is not set is a problem, not a door without a lock", () => {
    expect(first('metrics_token = "env:QOC_METRICS_TOKEN"')?.says).toContain("which is not set");
    expect(first('metrics_token = "env:QOC_METRICS_TOKEN"', { QOC_METRICS_TOKEN: "" })?.says).toContain("is empty");
  });

  test("changes only with a restart, as what else is fixed at the start", () => {
    const other = { env: { QOC_METRICS_TOKEN: `${TOKEN}-2` } };
    expect(changesNeedingRestart(deskOf(withToken, { env }), deskOf(withToken, other))).toEqual([
      "telemetry.metrics_token",
    ]);
    expect(changesNeedingRestart(deskOf(withToken, { env }), deskOf(withToken, { env }))).toEqual([]);
    const more = desk('[inspect]\nstately = true\n[telemetry]\ntraces = "https://otel.example/v1/traces"');
    expect(changesNeedingRestart(deskOf(desk()), deskOf(more))).toEqual(["inspect.stately", "telemetry.traces"]);
  });
});

describe("where spans go", () => {
  test.each(["https://otel.example/v1/traces", "http://127.0.0.1:4318/v1/traces", "http://[::1]:4318/v1/traces"])(
    "may be %s",
    (url) => {
      expect(deskOf(telemetry(`traces = "${url}"`)).daemon.traces).toBe(url);
    },
  );

  test.each([
    ["http://otel.example/v1/traces", "must be https, or http on this machine"],
    ["http://127.0.0.1.otel.example/v1/traces", "must be https, or http on this machine"],
    ["https://user:word@otel.example/", "without a user or a password"],
    ["https://otel.example/#x", "must end before its #"],
    ["grpc://127.0.0.1:4317", "must be an http or https URL"],
  ])("may not be %s", (url, says) => {
    expect(first(`traces = "${url}"`)?.says).toContain(says);
  });

  test("is nowhere when the text is empty", () => {
    expect(deskOf(telemetry('traces = ""')).daemon.traces).toBeNull();
  });
});

test("Stately's bridge is true or false, and false when it is not named", () => {
  expect(deskOf(desk("[inspect]\nstately = true")).daemon.stately).toBe(true);
  expect(problemsOf(desk('[inspect]\nstately = "yes"'))[0]).toMatchObject({ key: "inspect.stately", nearest: "true" });
});
