/** What the address bar says, read and written. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeIn, codeInHash } from "../../../src/console/login-code.ts";
import { inboxPath, inboxPlace, inboxQuery, placePath } from "../../../src/console/views/inbox-place.ts";
import { runPath, titleOf, viewOf, views } from "../../../src/console/views/paths.ts";
import { filtersOf, hidesOf, isFiltered, noFilters, queryOf } from "../../../src/console/views/run-filters.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

describe("a path", () => {
  test("shows its view, with or without a slash behind it, and each has a title of its own", () => {
    for (const { name, path } of views) {
      expect(viewOf(path)).toEqual({ kind: "list", name });
      expect(viewOf(path === "/" ? path : `${path}/`)).toEqual({ kind: "list", name });
    }
    expect(new Set(views.map(({ name }) => titleOf({ kind: "list", name }))).size).toBe(views.length);
  });

  test("names a run as the command line does", () => {
    for (const run of ["0192f0c4-0000-7000-8000-000000000001", "@last", "@needs-me", "0192"]) {
      expect(viewOf(runPath(run))).toEqual({ kind: "run", run });
    }
  });

  test.each(["/nothing", "/runs/a/b", "/runs/%E0%A4%A", "/runs/..%2F..", "//runs", "/Runs", `/runs/${"x".repeat(81)}`])(
    "%s is no view",
    (path) => expect(viewOf(path)).toEqual({ kind: "unknown" }),
  );
});

describe("filters of the run list", () => {
  const text = fc.stringMatching(/^[\w.&=+%# -]{0,30}$/).map((value) => value.trim());
  const filters = fc.record({
    workspace: text,
    webhook: text,
    state: text,
    since: fc.constantFrom("", "2026-03-01T12:00:00.000Z"),
    stuck: fc.boolean(),
    needs_me: fc.boolean(),
  });

  test("come back from the address as they went into it", () => {
    fc.assert(
      fc.property(filters, (given) => {
        expect(filtersOf(new URLSearchParams(queryOf(given)))).toEqual(given);
      }),
    );
  });

  test("that filter nothing leave the address clean", () => {
    expect([queryOf(noFilters), isFiltered(noFilters)]).toEqual(["", false]);
    expect(queryOf({ ...noFilters, state: "held", stuck: true })).toBe("?state=held&stuck=true");
  });

  test("of a link that somebody made up are bounded, and what is no filter is left out", () => {
    const made = filtersOf(
      new URLSearchParams({ state: "x".repeat(5000), since: "yesterday", stuck: "1", limit: "9" }),
    );
    expect(made).toEqual({ ...noFilters, state: "x".repeat(200) });
  });

  test("say what they hide", () => expect(hidesOf(3, 2000)).toBe("hides 1,997 of 2,000 looked at"));
});

describe("a place in the inbox", () => {
  test("comes back from the address as it went into it", () => {
    const place = { workspace: "a&b", status: "new", of: "desk", file: "inbox/what is this?.md" };
    expect(inboxPlace(new URL(placePath(place), "http://x").searchParams)).toEqual(place);
    expect(placePath({ workspace: "", status: "", of: "", file: "" })).toBe("/inbox");
    expect(inboxPath({ workspace: "desk", file: "inbox/a.md" })).toBe("/inbox?of=desk&file=inbox%2Fa.md");
  });

  test("asks the daemon for the list alone, whatever stands open", () => {
    expect(inboxQuery({ workspace: "w", status: "done" }, "c/1")).toBe(
      "/api/inbox?limit=50&workspace=w&status=done&cursor=c%2F1",
    );
  });
});

describe("a login code", () => {
  test("is taken from a link, from its end, or by itself", () => {
    for (const text of ["http://127.0.0.1:7431/#code=abc-DEF_1", "#code=abc-DEF_1", "  abc-DEF_1 \n"])
      expect(codeIn(text)).toBe("abc-DEF_1");
  });

  test.each(["", "#code=", "two words", "<script>", "x".repeat(201), "#code=a%20b"])("%s has none", (text) =>
    expect(codeIn(text)).toBeNull(),
  );

  test("is no other part of an address", () => expect(codeInHash("#main")).toBeNull());
});
