import { describe, expect, test } from "vitest";
import { changesNeedingRestart } from "../../../src/config/settings.ts";
import { desk, deskOf, problemsOf, webhook } from "./load-text.ts";

const keys = (text: string, given = {}): readonly (string | null)[] =>
  problemsOf(desk(text), given).map(({ key }) => key);
const connector = (more: string, name = "b"): string => `[[connector]]\nname = "${name}"\n${more}\n`;
const draft = (more = "", kind = "deployment"): string =>
  `[[draft]]\nkind = "${kind}"\ncommand = ["deploy"]\n${more}\n`;
const NOTIFY_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const env = { S: "secret", N: NOTIFY_SECRET };
const target = (more = "", name = "chat"): string =>
  `[[notify]]\nname = "${name}"\nsecret = "env:N"\n${more.includes("url") ? "" : 'url = "https://chat.example/x"\n'}${more}\n`;

describe("a connector", () => {
  test("is paper, or a program with every default", () => {
    expect(
      deskOf(desk(`${connector('type = "paper"', "paper")}${connector('type = "command"\ncommand = ["send", "it"]')}`))
        .connectors,
    ).toEqual([
      { name: "paper", type: "paper", command: null, ask: null, timeout_ms: 30_000, env: [] },
      { name: "b", type: "command", command: ["send", "it"], ask: null, timeout_ms: 30_000, env: [] },
    ]);
  });

  test.each([
    ['type = "command"', "connector[0].command"],
    ['type = "paper"\ncommand = ["a"]', "connector[0].command"],
    ['type = "paper"\nask = ["a"]', "connector[0].ask"],
    ['type = "paper"\nenv = ["A"]', "connector[0].env"],
    ['type = "command"\ncommand = "send it"', "connector[0].command"],
    ['type = "live"', "connector[0].type"],
    ['type = "paper"\ntimeout = "2h"', "connector[0].timeout"],
  ])("is refused for %j", (text, key) => expect(keys(connector(text))).toEqual([key]));

  test("has a name of its own, and changes only with a restart", () => {
    expect(keys(connector('type = "paper"').repeat(2))).toEqual(["connector[1].name"]);
    const [none, one] = [deskOf(desk()), deskOf(desk(connector('type = "paper"')))];
    expect(changesNeedingRestart(none, one)).toEqual(["connector"]);
    expect(changesNeedingRestart(one, one)).toEqual([]);
  });

  test("is shown by its name", () => {
    const shown = deskOf(desk(connector('type = "command"\ncommand = ["send", "it"]'))).settings;
    expect(shown.filter(({ key }) => key.startsWith("connector.b."))).toEqual([
      { key: "connector.b.name", value: "b", origin: "workspace" },
      { key: "connector.b.type", value: "command", origin: "workspace" },
      { key: "connector.b.command", value: "send, it", origin: "workspace" },
      { key: "connector.b.ask", value: null, origin: "default" },
      { key: "connector.b.timeout", value: "30s", origin: "default" },
      { key: "connector.b.env", value: "", origin: "default" },
    ]);
  });
});

test("what a program of the desk is given is given to no agent", () => {
  const text = `[agent]\nenv = ["TOKEN", "EDITOR", "KEY"]\n${connector('type = "command"\ncommand = ["a"]\nenv = ["TOKEN"]')}${draft('env = ["KEY"]')}`;
  expect(keys(text)).toEqual(["agent.env[0]", "agent.env[2]"]);
});

describe("a kind of drafts", () => {
  const field = (more: string, name = "environment"): string => `[[draft.fields]]\nname = "${name}"\n${more}\n`;

  test("has fields, of which a choice is the list of what it may be", () => {
    const text = draft(
      `${field('type = "choice"\nchoices = ["staging", "production"]\nrequired = true')}${field('type = "decimal"', "share")}`,
    );
    expect(deskOf(desk(text)).drafts).toEqual([
      {
        kind: "deployment",
        command: ["deploy"],
        ask: null,
        timeout_ms: 300_000,
        env: [],
        fields: [
          { name: "environment", type: ["staging", "production"], required: true },
          { name: "share", type: "decimal", required: false },
        ],
      },
    ]);
  });

  test("shows the fields of each kind as that kind's", () => {
    const text = `${draft(field('type = "text"', "a"), "one")}${draft(field('type = "integer"', "b"), "two")}`;
    const shown = deskOf(desk(text)).settings.filter(({ key }) => key.endsWith(".type"));
    expect(shown.map(({ key, value }) => `${key} ${value}`)).toEqual([
      "draft.one.fields.a.type text",
      "draft.two.fields.b.type integer",
    ]);
  });

  test.each([
    [draft("", "order"), "draft[0].kind"],
    [draft().repeat(2), "draft[1].kind"],
    [draft(field('type = "choice"')), "draft[0].fields[0].choices"],
    [draft(field('type = "text"\nchoices = ["a"]')), "draft[0].fields[0].choices"],
    [draft(field('type = "text"').repeat(2)), "draft[0].fields[1].name"],
    [draft(field('type = "text"', "kind")), "draft[0].fields[0].name"],
    [draft(field('type = "text"', "name")), "draft[0].fields[0].name"],
    [draft(field('type = "float"')), "draft[0].fields[0].type"],
    ['[[draft]]\nkind = "deployment"', "draft[0].command"],
  ])("is refused for %j", (text, key) => expect(keys(text)).toEqual([key]));
});

describe("a target of notifications", () => {
  test("is told everything, over https, in public", () => {
    const [chat] = deskOf(desk(target()), { env }).notify;
    expect(chat).toMatchObject({
      name: "chat",
      url: "https://chat.example/x",
      events: ["run.finalized", "approval.requested", "run.stuck"],
      allow_private: false,
    });
    expect(new TextDecoder().decode(chat?.secret.reveal())).toBe(NOTIFY_SECRET);
  });

  test.each([
    ['url = "http://chat.example/x"', "notify[0].url"],
    ['url = "https://chat.example/x#y"', "notify[0].url"],
    ['url = "https://user:pw@chat.example"', "notify[0].url"],
    ["events = []", "notify[0].events"],
    ['events = ["run.started"]', "notify[0].events[0]"],
  ])("is refused for %j", (text, key) => expect(keys(target(text), { env })).toEqual([key]));

  test("may be in the clear where its owner says so", () => {
    expect(keys(target('url = "http://127.0.0.1:9/x"\nallow_private = true'), { env })).toEqual([]);
  });

  test("has a name of its own", () => {
    expect(keys(target().repeat(2), { env })).toEqual(["notify[1].name"]);
  });

  test("has a secret that is never shown", () => {
    const loaded = deskOf(desk(target()), { env });
    expect(loaded.settings).toContainEqual({ key: "notify.chat.secret", value: "env:N (set)", origin: "workspace" });
    const url = { key: "notify.chat.url", value: "https://chat.example/…", origin: "workspace" };
    expect(loaded.settings).toContainEqual(url);
    expect(JSON.stringify(loaded)).not.toContain(NOTIFY_SECRET.slice(6));
  });

  test.each([
    ['secret = "hunter2-in-the-file"', {}, "must not stand in this file"],
    ['secret = "env:N"', {}, "which is not set"],
    ['secret = "env:N"', { N: "hunter2!" }, "cannot be used"],
    ['secret = ["env:N"]', env, ""],
    ["", env, "is required"],
  ])("is refused with %s and %j", (written, variables, says) => {
    const text = desk(target().replace('secret = "env:N"', written));
    const problems = problemsOf(text, { env: variables });
    expect(problems).toMatchObject([{ key: "notify[0].secret", says: expect.stringContaining(says) }]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  test("is signed for by no secret that its receiver would refuse", () => {
    const bare = NOTIFY_SECRET.replace("whsec_", "");
    expect(keys(target(), { env: { N: bare } })).toEqual(["notify[0].secret"]);
  });

  test("gives its secret to no agent", () => {
    const text = `[agent]\ncommand = ["a"]\nenv = ["N"]\n${target()}${webhook()}`;
    expect(keys(text, { env })).toEqual(["agent.env[0]"]);
  });
});
