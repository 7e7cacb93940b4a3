import { describe, expect, test } from "vitest";
import { desk, deskOf, problemsOf, webhook } from "./load-text.ts";

const seen = (line: string) => firstOf(desk(webhook(line)))?.seen;
const firstOf = (text: string, given = {}) => problemsOf(text, given)[0];

describe("a desk of nothing but a name", () => {
  test("has every default", () => {
    expect(deskOf('name = "desk"')).toMatchObject({
      name: "desk",
      daemon: {
        ingress: { host: "127.0.0.1", port: 7430 },
        console: { host: "127.0.0.1", port: 7431 },
        drain_ms: 20_000,
        body_limit_bytes: 1_048_576,
        mail_waiting_max: 20_000,
        disk_free_min_bytes: 268_435_456,
        request_timeout_ms: 10_000,
        headers_timeout_ms: 5_000,
        signature_failures_per_minute: 60,
        log_level: "info",
        stately: false,
        metrics_token: null,
        traces: null,
      },
      evidence: { public_allowlist: [], public_artifact_kinds: [] },
      webhooks: [],
    });
  });

  test("may have its name in [workspace]", () => {
    expect(deskOf('[workspace]\nname = "desk"').name).toBe("desk");
  });

  test("may have its name in both places alike", () => {
    expect(deskOf('name = "desk"\n[workspace]\nname = "desk"').name).toBe("desk");
  });

  test("may not have two names", () => {
    expect(firstOf('name = "desk"\n[workspace]\nname = "disk"')).toMatchObject({
      line: 3,
      column: 8,
      key: "workspace.name",
      seen: '"disk"',
    });
  });

  test("may not have none", () => {
    expect(firstOf("")).toMatchObject({ file: "desk.toml", line: 1, column: 1, key: "name", seen: null });
  });
});

describe("a webhook", () => {
  test("has every default", () => {
    expect(deskOf(desk(webhook())).webhooks).toMatchObject([
      {
        name: "a",
        enabled: true,
        body_limit_bytes: 1_048_576,
        dedupe: { kind: "body" },
        map: { event: "/event", id: null, commit_sha: null },
        policy: {
          action: "inbox",
          task: null,
          on_stale: "process",
          on_gap: "process",
          on_partial: "process",
          hold_timeout_ms: 3_600_000,
          approval_timeout_ms: 86_400_000,
          attempts_max: 5,
          backoff_ms: 1000,
        },
      },
    ]);
  });

  test("takes the daemon's body limit unless it has its own", () => {
    const limits = deskOf(
      desk(`[daemon]\nbody_limit = "2MiB"\n${webhook()}${webhook('body_limit = "25MiB"').replace('"a"', '"b"')}`),
    );
    expect(limits.webhooks.map((each) => each.body_limit_bytes)).toEqual([2_097_152, 26_214_400]);
  });

  test("is told apart by the value at a path", () => {
    expect(deskOf(desk(webhook('dedupe = "path"\ndedupe_path = "/id"'))).webhooks[0]?.dedupe).toEqual({
      kind: "path",
      path: "/id",
    });
  });

  test("runs a task", () => {
    const run = desk(
      '[agent]\ncommand = ["a"]\n[[webhook]]\nname = "a"\nsecret = "env:S"\naction = "run"\ntask = "risk-review"',
    );
    expect(deskOf(run).webhooks[0]?.policy).toMatchObject({ action: "run", task: "risk-review" });
  });

  test.each([
    [
      "a run without a task",
      '[agent]\ncommand = ["a"]\n[[webhook]]\nname = "a"\nsecret = "env:S"\naction = "run"',
      "webhook[0].task",
      'is required with action = "run"',
    ],
    ["an inbox with a task", webhook('task = "x"'), "webhook[0].task", 'must be left out with action = "inbox"'],
    [
      "dedupe by path without one",
      webhook('dedupe = "path"'),
      "webhook[0].dedupe_path",
      'is required with dedupe = "path"',
    ],
    [
      "a path without dedupe by path",
      webhook('dedupe_path = "/a"'),
      "webhook[0].dedupe_path",
      'must be left out unless dedupe = "path"',
    ],
    ["a name given twice", `${webhook()}${webhook()}`, "webhook[1].name", "is already the name of webhook[0]"],
    ["a body limit over 25MiB", webhook('body_limit = "26MiB"'), "webhook[0].body_limit", "must be at most 25MiB"],
    ["too many attempts", webhook("attempts = 101"), "webhook[0].attempts", "must be a whole number from 1 to 100"],
    ["half an attempt", webhook("attempts = 1.5"), "webhook[0].attempts", "must be a whole number from 1 to 100"],
    ["single brackets", "[webhook]", "webhook", "must be written [[webhook]], with two brackets"],
    [
      "a task that leaves the folder",
      webhook('task = "../x"'),
      "webhook[0].task",
      "must be the name of a file in issues/",
    ],
    ["a negative time", webhook('backoff = "-1s"'), "webhook[0].backoff", "must be a duration"],
  ])("is refused for %s", (_, text, key, says) => {
    const problems = problemsOf(desk(text));
    expect(problems.map((problem) => problem.key)).toEqual([key]);
    expect(problems[0]?.says).toContain(says);
  });
});

describe("the daemon is refused", () => {
  test.each([
    ['ingress = "127.0.0.1:65536"', "daemon.ingress"],
    ['ingress = "off"', "daemon.ingress"],
    ['console = "0.0.0.0"', "daemon.console"],
    ['drain = "2h"', "daemon.drain"],
    ['log_level = "loud"', "daemon.log_level"],
    ['headers_timeout = "11s"', "daemon.headers_timeout"],
    ['request_timeout = "4s"', "daemon.request_timeout"],
    ['console = "127.0.0.1:7430"', "daemon.console"],
    ['ingress = "127.0.0.1:7431"', "daemon.ingress"],
    ["mail_waiting_max = -1", "daemon.mail_waiting_max"],
    ["mail_waiting_max = true", "daemon.mail_waiting_max"],
    ["drain = 1979-05-27", "daemon.drain"],
  ])("with %s", (line, key) => {
    expect(problemsOf(desk(`[daemon]\n${line}`)).map((problem) => problem.key)).toEqual([key]);
  });
});

test("the console can be off, and two doors of port 0 are two doors", () => {
  const { daemon } = deskOf(desk('[daemon]\nconsole = "off"'));
  expect(daemon.console).toBeNull();
  expect(problemsOf(desk('[daemon]\nconsole = "127.0.0.1:0"\ningress = "127.0.0.1:0"'))).toEqual([]);
});

describe("a problem", () => {
  test("has the place of the value, what is seen there and what may be meant", () => {
    expect(problemsOf(desk(webhook('on_gap = "wiat"')))).toEqual([
      {
        file: "desk.toml",
        line: 6,
        column: 10,
        key: "webhook[0].on_gap",
        says: 'must be "process" or "wait"',
        seen: '"wiat"',
        nearest: '"wait"',
      },
    ]);
  });

  test("of a missing key has the place of its table", () => {
    expect(firstOf(desk("\n\n[[webhook]]\n"))).toMatchObject({ line: 4, column: 3, seen: null });
  });

  test("of a missing key in an inline table has the place of that table's key", () => {
    expect(firstOf(desk("  webhook = [{}]"))).toMatchObject({ key: "webhook[0].name", line: 2, column: 14 });
  });

  test.each([
    ["attemps = 3", "attempts"],
    ["onGap = 3", "on_gap"],
    ["ingress = 3", "daemon.ingress"],
    ["xyzzy = 3", null],
    ["constructor = 3", null],
    ["__proto__ = 3", null],
  ])("of the unknown key %s has the place of the key and the one that may be meant", (line, nearest) => {
    expect(problemsOf(desk(webhook(`  ${line}`)))).toMatchObject([
      { line: 6, column: 3, seen: line.split(" ")[0], nearest },
    ]);
  });

  test.each([
    ["[deamon]\na = 1", "daemon"],
    ["[[webhoook]]", "webhook"],
    ["[daemon]\nname = 1", "name"],
  ])("of %j names the table that may be meant", (text, nearest) => {
    expect(firstOf(desk(text))).toMatchObject({ nearest });
  });

  test("never stands alone when there are more", () => {
    const text =
      'name = "A B"\ncolour = 1\n[daemon]\ndrain = 5\n[[webhook]]\nname = "x"\naction = "inbx"\nsecret = "env:NO"\n[webhook.map]\nid = "a"\n[[webhook]]\nname = "x"\naction = "run"\nsecret = "literal"';
    expect(
      problemsOf(text, { global: '[daemon]\nlog_levle = "x"' }).map(({ file, line, key }) => `${file}:${line} ${key}`),
    ).toEqual([
      "desk.toml:1 name",
      "desk.toml:2 colour",
      "desk.toml:4 daemon.drain",
      "desk.toml:7 webhook[0].action",
      "desk.toml:8 webhook[0].secret",
      "desk.toml:10 webhook[0].map.id",
      "desk.toml:11 webhook[1].task",
      "desk.toml:12 webhook[1].name",
      "desk.toml:13 webhook[1].action",
      "desk.toml:14 webhook[1].secret",
      "config.toml:2 daemon.log_levle",
    ]);
  });

  test("of the syntax has the same form", () => {
    expect(problemsOf("name = \n")).toEqual([
      {
        file: "desk.toml",
        line: 1,
        column: 8,
        key: null,
        says: "is not TOML: invalid value",
        seen: null,
        nearest: null,
      },
    ]);
  });

  test("of the global file's syntax comes with the workspace's problems", () => {
    expect(problemsOf("name = 1", { global: "[" }).map(({ file }) => file)).toEqual(["config.toml", "desk.toml"]);
  });

  test("of nesting without end is a problem of syntax", () => {
    expect(firstOf(`a = ${"[".repeat(5000)}`)?.says).toContain("is not TOML");
  });

  test("shows a long value cut off, and a table or list by its kind", () => {
    expect(seen(`on_gap = "${"x".repeat(200)}"`)).toBe(`"${"x".repeat(79)}…`);
    expect(seen("on_gap = { a = 1 }")).toBe("a table");
    expect(seen("on_gap = [1]")).toBe("a list");
    expect(seen("[webhook.on_gap]")).toBe("a table");
  });

  test("carries no control character of the file", () => {
    const keys = problemsOf(desk('"\\u001b[2J" = 1\n"a\u0085b" = 2')).map(({ key }) => key);
    expect(keys).toEqual(['"\\u001b[2J"', '"a\uFFFDb"']);
  });
});
