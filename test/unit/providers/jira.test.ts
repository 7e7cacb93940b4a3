import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { jira } from "../../../src/providers/jira.ts";
import { foundBy, isAscending, readsAnything, verdictOn } from "./found-by.ts";

const at = (timestamp: unknown, changelog?: string) => {
  const body = { timestamp, webhookEvent: "jira:issue_updated", issue: { key: "OPS-7" } };
  return foundBy(jira, changelog === undefined ? body : { ...body, changelog: { id: changelog } }).order;
};

test("is signed over its body, with the name of the algorithm before the signature", () => {
  const body = '{"webhookEvent":"jira:issue_created"}';
  const signature = createHmac("sha256", "s3cret").update(body).digest("hex");
  const sent = { body, secrets: ["s3cret"], headers: { "X-Hub-Signature": `sha256=${signature}` } };
  expect(verdictOn(jira, sent)).toBe(0);
  expect(verdictOn(jira, { ...sent, body: `${body} ` })).toBe("MISMATCH");
  expect(verdictOn(jira, { ...sent, headers: { "X-Hub-Signature": `sha1=${signature}` } })).not.toBe(0);
});

describe("the order of an issue's events", () => {
  test("is by time, and within a millisecond by the entry in the history", () => {
    const marks = [at(999), at(1_772_438_400_000), at(1_772_438_400_000, "9"), at(1_772_438_400_000, "10")];
    expect(isAscending([...marks, at(1_772_438_400_001), at(1_772_438_400_002, "1")])).toBe(true);
  });

  test("of a time and a history entry beyond what a double holds is still right", () => {
    expect(isAscending([at(1, "9007199254740992"), at(1, "9007199254740993")])).toBe(true);
  });

  test("is unknown without a time", () => {
    expect([at(undefined, "10"), at(null, "10"), at({}, "10")]).toEqual([null, null, null]);
  });
});

describe("the event's second name", () => {
  const named = (event: unknown, detail: unknown) =>
    foundBy(jira, { webhookEvent: event, issue_event_type_name: detail }).event_type;

  test("follows the first where it says more", () => {
    expect(named("jira:issue_updated", "issue_assigned")).toBe("jira:issue_updated.issue_assigned");
  });
  test("is left out where it repeats the first", () => {
    expect(named("jira:issue_updated", "issue_updated")).toBe("jira:issue_updated");
  });
  test("stands alone where there is no first", () => {
    expect(named(null, "issue_assigned")).toBe("issue_assigned");
  });
  test("and the first together are no name when they are too long for one", () => {
    expect(named("a".repeat(200), "b".repeat(200))).toBeNull();
  });
});

describe("who did it", () => {
  const author = { accountId: "author" };
  const comment = { author, updateAuthor: { accountId: "editor" } };
  test.each([
    ["the user, where one is named", { webhookEvent: "comment_created", user: { accountId: "user" }, comment }, "user"],
    ["the author of a new comment", { webhookEvent: "comment_created", comment }, "author"],
    ["the editor of a changed comment", { webhookEvent: "comment_updated", comment }, "editor"],
    ["nobody for a comment that is gone", { webhookEvent: "comment_deleted", comment }, null],
    ["nobody for another event that shows a comment", { webhookEvent: "jira:issue_updated", comment }, null],
    ["the author of a work log", { webhookEvent: "worklog_created", worklog: { author } }, "author"],
    ["nobody for an anonymous user", { webhookEvent: "jira:issue_created", user: null }, null],
  ])("is %s", (_name, body, actor) => {
    expect(foundBy(jira, body).actor).toBe(actor);
  });
});

test("no field of an issue is a commit, whatever it looks like", () => {
  const sha = "0123456789abcdef0123456789abcdef01234567";
  const issue = { key: "OPS-7", fields: { summary: sha, customfield_10001: sha } };
  expect(foundBy(jira, { issue, commit: sha, sha })).toMatchObject({ commit_sha: null, ref: null });
});

readsAnything(jira);
