import * as fc from "fast-check";
import { expect, test } from "vitest";
import { forms } from "../../../src/config/forms.ts";
import { editDistance, nameLike, nearestValue, nearestWord } from "../../../src/config/nearest.ts";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["inbox", "inbox", 0],
  ["inbx", "inbox", 1],
  ["inobx", "inbox", 1],
  ["kitten", "sitting", 3],
])("%j and %j are %d edits apart", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test("edits count the same in both directions, and never more than the longer word has letters", () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
    { seed: 1 },
  );
});

test.each([
  ["inbx", "inbox"],
  ["Run", "run"],
  ["rnu", "run"],
  ["inboxes", "inbox"],
  ["explode", null],
  ["", null],
])("%j is taken for %j", (word, nearest) => {
  expect(nearestWord(word, ["inbox", "run"])).toBe(nearest);
});

test.each([
  ["bitbucket_server", "bitbucket-server"],
  ["bitbucketcloud", "bitbucket"],
  ["bitbucket", "bitbucket"],
  ["bit", "bitbucket"],
])("%j, which several words begin with, is taken for %j", (word, nearest) => {
  expect(nearestWord(word, ["bitbucket-server", "bitbucket"])).toBe(nearest);
});

test("no word is near when none is allowed", () => {
  expect(nearestWord("a", [])).toBeNull();
});

test.each([
  [forms.duration, "20 seconds", "20s"],
  [forms.duration, 20, "20s"],
  [forms.duration, "5min", "5m"],
  [forms.duration, "2 hours", "2h"],
  [forms.duration, "1 DAY", "1d"],
  [forms.duration, "10 msec", "10ms"],
  [forms.duration, "1 fortnight", null],
  [forms.duration, "soon", null],
  [forms.size, "1MB", "1MiB"],
  [forms.size, "512k", "512KiB"],
  [forms.size, 1_048_576, "1MiB"],
  [forms.size, "huge", null],
  [forms.endpoint, 7430, "127.0.0.1:7430"],
  [forms.endpoint, ":7430", "127.0.0.1:7430"],
  [forms.endpoint, "http://localhost:80/", "127.0.0.1:80"],
  [forms.endpoint, "99999", null],
  [forms.name, "My Desk!", "my-desk"],
  [forms.name, "---", null],
  [forms.pointer, "event", "/event"],
  [forms.pointer, "$.data.id", "/data/id"],
  [forms.task, "a/b", null],
  [forms.url, "hooks.example.com/webhook/a/b", "https://hooks.example.com/webhook/a/b"],
  [forms.url, "HTTP://example.com/a#b", "http://example.com/a"],
  [forms.url, "ftp://example.com", null],
  [forms.url, "https://me:pass@example.com", null],
  [forms.header, "X-Signature: sha256=", "X-Signature"],
  [forms.header, "the header", null],
  [forms.separator, "and", null],
  [forms.field, "sha256=", "sha256"],
  [forms.field, "=", null],
  [forms.signed, "body", "{body}"],
  [forms.signed, "timestamp.body", "{timestamp}.{body}"],
  [forms.signed, "${id}.${ts}.${payload}", "{id}.{timestamp}.{body}"],
  [forms.signed, "v0:{{timestamp}}:{{raw_body}}", "v0:{timestamp}:{body}"],
  [forms.signed, "{timestamp}", null],
  [forms.time, "X-Timestamp", "header:X-Timestamp"],
  [forms.time, "header=X-Timestamp", "header:X-Timestamp"],
  [forms.time, "Header: X-Timestamp", "header:X-Timestamp"],
  [forms.time, "field t", "field:t"],
  [forms.time, "/data/time", "body:/data/time"],
  [forms.time, "body:data.time", "body:/data/time"],
  [forms.time, "t", null],
  [forms.name, `A${"a".repeat(256)}`, null],
] as const)("for the form $format, %j is near %j", ({ format }, written, nearest) => {
  expect(nearestValue(format, written)).toBe(nearest === null ? null : JSON.stringify(nearest));
});

test("whatever is proposed has the form itself", () => {
  const form = fc.constantFrom(...Object.values(forms));
  fc.assert(
    fc.property(form, fc.string(), ({ format, pattern }, written) => {
      const nearest = nearestValue(format, written);
      expect(nearest === null || pattern.test(String(JSON.parse(nearest)))).toBe(true);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("a folder's name becomes a desk's name", () => {
  expect([nameLike("My Desk (2)"), nameLike("équité"), nameLike("***")]).toEqual(["my-desk-2", "quit", ""]);
});
