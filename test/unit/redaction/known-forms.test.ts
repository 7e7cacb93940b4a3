import { describe, expect, test } from "vitest";
import { apiKey, bearer, email, privateUrl, redact } from "./redact.ts";

const said = (text: string, rule: Parameters<typeof redact>[1][number]): string =>
  String(JSON.parse(redact(JSON.stringify(text), [rule]).text)).replaceAll(/\[redacted:[a-z]+\]/g, "▮");
const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

describe("api-key finds", () => {
  const JWT = `eyJ${letters}.eyJ${letters}.${letters}-_`;
  test.each([
    ["a GitHub token with its tail", `x ghp_${letters}${letters} y`, "x ▮ y"],
    ["a key of Stripe's", `sk_live_${letters}`, "▮"],
    ["a key of AWS's", "id=AKIAIOSFODNN7EXAMPLE;", "id=▮;"],
    ["a token of Slack's", "xoxb-1234567890-abcdef,", "▮,"],
    ["a web token", `as ${JWT}; so`, "as ▮; so"],
    ["two, one behind the other", `npm_${letters} npm_${letters}`, "▮ ▮"],
    ["a private key to its end", "a -----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY----- b", "a ▮ b"],
    ["a private key that breaks off, to the end", "a -----BEGIN PRIVATE KEY-----\nx\ny", "a ▮"],
    ["no commit", "0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567"],
    ["no UUID", "0198c2f4-0000-7000-8000-000000000001", "0198c2f4-0000-7000-8000-000000000001"],
  ])("%s", (_name, text, kept) => expect(said(text, apiKey)).toBe(kept));
});

describe("bearer-token finds", () => {
  test.each([
    ["Authorization: Bearer abc.def-ghi_jkl==", "Authorization: ▮"],
    ["bearer:\tABCDEFGH0123 end", "▮ end"],
    ["the bearer of it", "the bearer of it"],
  ])("in %j", (text, kept) => expect(said(text, bearer)).toBe(kept));
});

describe("email finds", () => {
  test.each([
    ["joe@example.com", "▮"],
    ["<joe.o'neil+tag@mail.example.co.uk>,", "<▮>,"],
    ["to jörg@bücher.example.", "to ▮."],
    ["𝒿oe@example.com", "▮"],
    ["a@b@example.com", "a@▮"],
    ["a@example.com,b@example.org;c", "▮,▮;c"],
    ["joe@localhost", "joe@localhost"],
    ["@joe and joe@", "@joe and joe@"],
    ["git@github.com:octo/desk.git", "git@github.com:octo/desk.git"],
    ["ssh://git@host.example/x", "ssh://git@host.example/x"],
    ["legit@github.com: hi", "▮: hi"],
  ])("in %j", (text, kept) => expect(said(text, email)).toBe(kept));
});

describe("private-url finds", () => {
  test.each([
    ["https://user:pass@example.com/x", "▮"],
    ["see http://localhost:3000/a?b, or", "see ▮ or"],
    ["http://10.1.2.3/ http://192.168.0.1 http://172.31.0.1/ http://100.64.0.1", "▮ ▮ ▮ ▮"],
    ["http://172.32.0.1/ http://11.0.0.1/", "http://172.32.0.1/ http://11.0.0.1/"],
    ["http://[::1]:80/ http://[fd00::1]/ http://[2001:db8::1]/", "▮ ▮ http://[2001:db8::1]/"],
    ["https://wiki.corp/page <https://ci.acme.internal/job>", "▮ <▮>"],
    ["http://jenkins/job/1", "▮"],
    ["https://s3.example.com/o?X-Amz-Signature=abc", "▮"],
    ["https://example.com/?access_token=abc", "▮"],
    ["https://hooks.slack.com/services/T/B/x", "▮"],
    ["https://a.example.com,https://joe:pass@b.example.com/", "▮"],
    ["(https://a.example.com)(http://localhost:3/x)", "(▮"],
    ["https://a.example.com/r?to=http://10.0.0.1/admin", "▮"],
    ["https://a.example.com/?to=https://b.example.com/&token=abc", "▮"],
    ["https://a.example.com/?to=https://b.example.com/", "https://a.example.com/?to=https://b.example.com/"],
    ["https://github.com/octo/desk?tab=readme", "https://github.com/octo/desk?tab=readme"],
    ["https://git@github.com/octo/desk", "https://git@github.com/octo/desk"],
  ])("in %j", (text, kept) => expect(said(text, privateUrl)).toBe(kept));
});
