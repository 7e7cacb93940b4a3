import * as fc from "fast-check";
import { expect, test } from "vitest";
import { environmentOf, markOf, RUN_VARIABLES } from "../../../src/agent/environment.ts";
import { RUN } from "../../support/agent-site.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const run = {
  run: RUN,
  task: "look",
  token: "t",
  socket: "/s",
  bundle: "/b",
  bin: "/bin-of-run",
  mcp_url: "http://127.0.0.1:1/mcp",
};

test("what is let in is let in, what is named is let in, and the run's own go before both", () => {
  const given = { HOME: "/h", LC_ALL: "C", LANG: "C", TZ: "UTC", USER: "me", PATH: "/usr/bin", KEY: "k", OTHER: "o" };
  expect(environmentOf({ ...given, QOC_RUN_TOKEN: "theirs" }, ["KEY", "QOC_RUN_TOKEN", "ABSENT"], run)).toEqual({
    HOME: "/h",
    LC_ALL: "C",
    LANG: "C",
    TZ: "UTC",
    USER: "me",
    KEY: "k",
    PATH: "/bin-of-run:/usr/bin",
    QOC_RUN: RUN,
    QOC_TASK: "look",
    QOC_RUN_TOKEN: "t",
    QOC_SOCKET: "/s",
    QOC_BUNDLE: "/b",
    QOC_MCP_URL: "http://127.0.0.1:1/mcp",
  });
});

test("a daemon without a PATH gives one all the same, and one without a port no URL", () => {
  expect(environmentOf({}, [], { ...run, mcp_url: null })["QOC_MCP_URL"]).toBeUndefined();
  expect(environmentOf({}, [], run)["PATH"]).toBe("/bin-of-run:/usr/local/bin:/usr/bin:/bin");
});

test("whatever the daemon's environment holds, no name comes through that is on neither list", () => {
  const name = fc.oneof(
    fc.constantFrom("HOME", "LD_PRELOAD", "NODE_OPTIONS", "QOC_PASSPHRASE", "LC_", "XLC_A", "AWS_SECRET_ACCESS_KEY"),
    fc.string({ minLength: 1 }),
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), fc.array(name), (given, names) => {
      const allowed = new Set([
        "HOME",
        "LANG",
        "TERM",
        "TZ",
        "TMPDIR",
        "USER",
        "PATH",
        "QOC_MCP_URL",
        ...RUN_VARIABLES,
        ...names,
      ]);
      const made = environmentOf(given, names, run);
      expect(Object.keys(made).filter((each) => !allowed.has(each) && !each.startsWith("LC_"))).toEqual([]);
      expect(RUN_VARIABLES.map((each) => made[each])).toEqual([RUN, "look", "t", "/s", "/b"]);
    }),
  );
});

test("the mark of a run is in its environment, and another run's or another desk's is not", () => {
  const entries = Object.entries(environmentOf({}, [], run)).map(([name, value]) => `${name}=${value}`);
  expect(entries).toEqual(expect.arrayContaining([...markOf(run)]));
  expect(entries).not.toEqual(expect.arrayContaining([...markOf({ ...run, bundle: "/other" })]));
});
