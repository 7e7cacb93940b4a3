import { describe, expect, test } from "vitest";
import { desk, deskOf, problemsOf, webhook } from "./load-text.ts";

const names = (text: string): readonly string[] =>
  deskOf(text, { global: webhook().replace('"a"', '"below"') }).webhooks.map(({ name }) => name);

const originOf = (text: string, key: string, given = {}) =>
  deskOf(text, given).settings.find((each) => each.key === key);

describe("the workspace's file lies over the global one", () => {
  const global = '[daemon]\ndrain = "5s"\nlog_level = "debug"';

  test("key by key", () => {
    const { daemon } = deskOf(desk('[daemon]\ndrain = "7s"'), { global });
    expect([daemon.drain_ms, daemon.log_level]).toEqual([7000, "debug"]);
  });

  test("and its list of webhooks replaces the whole list below", () => {
    expect(names(desk(webhook()))).toEqual(["a"]);
    expect(names(desk())).toEqual(["below"]);
  });

  test("and its name, in whichever form, replaces the name below in either form", () => {
    expect(deskOf('[workspace]\nname = "top"', { global: 'name = "below"' }).name).toBe("top");
    expect(deskOf('name = "top"', { global: '[workspace]\nname = "below"' }).name).toBe("top");
    expect(deskOf("", { global: '[workspace]\nname = "below"' }).name).toBe("below");
  });

  test("and a value that it replaces is not checked", () => {
    expect(deskOf(desk('[daemon]\ndrain = "7s"'), { global: '[daemon]\ndrain = "x"' }).daemon.drain_ms).toBe(7000);
  });

  test("and a problem names the file that the value stands in", () => {
    const problems = problemsOf(desk('[daemon]\ndrain = "x"'), { global: '\n[daemon]\nlog_level = "x"' });
    expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual(["desk.toml:3", "config.toml:3"]);
  });

  test("and what a webhook lacks is looked for in the file that has the webhook", () => {
    const problems = problemsOf(desk('[[webhook]]\nname = "a"\nsecret = "env:S"\naction = "run"'), {
      global: `[agent]\ncommand = ["a"]\n${webhook('task = "x"')}`,
    });
    expect(problems).toMatchObject([{ file: "desk.toml", line: 2, key: "webhook[0].task" }]);
  });
});

describe("an empty text or zero", () => {
  test("takes back what the global file says", () => {
    const global = '[daemon]\ndrain = "5s"\nmail_waiting_max = 7';
    const { daemon } = deskOf(desk('[daemon]\ndrain = ""\nmail_waiting_max = 0'), { global });
    expect([daemon.drain_ms, daemon.mail_waiting_max]).toEqual([20_000, 20_000]);
  });

  test("is the default in a webhook too", () => {
    const [hook] = deskOf(desk(webhook('attempts = 0\nbackoff = ""\ntask = ""\n[webhook.map]\nevent = ""'))).webhooks;
    expect([hook?.policy.attempts_max, hook?.policy.backoff_ms, hook?.policy.task, hook?.map.event]).toEqual([
      5,
      1000,
      null,
      "/event",
    ]);
  });

  test("leaves a required key missing, and the problem points at it", () => {
    expect(problemsOf(desk(webhook().replace('name = "a"', 'name = ""')))).toMatchObject([
      { line: 3, column: 8, seen: '""' },
    ]);
  });
});

describe("env:VAR", () => {
  test("is read for any text", () => {
    const env = { S: "s", NAME: "my-desk", PORT: "[::1]:1", ACTION: "inbox", EVENT: "/type" };
    const text =
      'name = "env:NAME"\n[daemon]\ningress = "env:PORT"\n[[webhook]]\nname = "a"\nsecret = "env:S"\naction = "env:ACTION"\n[webhook.map]\nevent = "env:EVENT"';
    const loaded = deskOf(text, { env });
    expect([
      loaded.name,
      loaded.daemon.ingress,
      loaded.webhooks[0]?.policy.action,
      loaded.webhooks[0]?.map.event,
    ]).toEqual(["my-desk", { host: "::1", port: 1 }, "inbox", "/type"]);
  });

  test("that is empty takes the key back to its default", () => {
    expect(deskOf(desk('[daemon]\ndrain = "env:D"'), { env: { D: "" } }).daemon.drain_ms).toBe(20_000);
  });

  test("that is not set is one problem that names the variable", () => {
    expect(problemsOf('name = "env:DESK"', { env: { DESKS: "x" } })).toMatchObject([
      {
        key: "name",
        line: 1,
        column: 8,
        says: "is read from the environment variable DESK, which is not set",
        nearest: '"env:DESKS"',
      },
    ]);
  });

  test("that is not set is one problem in [workspace] too", () => {
    expect(problemsOf('[workspace]\nname = "env:DESK"')).toMatchObject([{ key: "workspace.name", line: 2, column: 8 }]);
  });

  test("without a variable's name is a problem", () => {
    expect(problemsOf('name = "env:A B"')).toMatchObject([{ key: "name", seen: '"env:A B"' }]);
  });

  test("whose value is refused is told without the value or anything made of it", () => {
    const text =
      'name = "env:TOKEN"\n[daemon]\ndrain = "env:TOKEN"\n[[webhook]]\nname = "env:TOKEN"\nsecret = "x"\naction = "env:TOKEN"';
    const problems = problemsOf(text, { env: { TOKEN: "Hunter2 Hunter2" } });
    expect(problems.map(({ seen }) => seen)).toEqual([
      '"env:TOKEN"',
      '"env:TOKEN"',
      '"env:TOKEN"',
      "(hidden)",
      '"env:TOKEN"',
    ]);
    expect(problems[0]?.says).toContain("(it is read from the environment variable TOKEN)");
    expect(JSON.stringify(problems)).not.toMatch(/hunter2/i);
  });
});

describe("a setting says where it comes from:", () => {
  const given = { global: '[daemon]\nlog_level = "debug"\nconsole = "off"', env: { S: "s", D: "9s" } };
  const text = desk(`[daemon]\ndrain = "env:D"\nconsole = ""\nbody_limit = "2MiB"\n${webhook("attempts = 2")}`);

  test.each([
    ["name", "desk", "workspace"],
    ["workspace.name", null, "default"],
    ["daemon.ingress", "127.0.0.1:7430", "default"],
    ["daemon.console", "127.0.0.1:7431", "default"],
    ["daemon.log_level", "debug", "global"],
    ["daemon.drain", "9s", "env"],
    ["daemon.body_limit", "2MiB", "workspace"],
    ["webhook.a.attempts", 2, "workspace"],
    ["webhook.a.backoff", "1s", "default"],
    ["webhook.a.enabled", true, "default"],
    ["webhook.a.map.event", "/event", "default"],
    ["webhook.a.secret", "env:S (set)", "workspace"],
  ])("%s is %j from %s", (key, value, origin) => {
    expect(originOf(text, key, given)).toEqual({ key, value, origin });
  });
});
