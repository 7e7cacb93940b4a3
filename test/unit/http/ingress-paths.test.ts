import { afterAll, describe, expect, test } from "vitest";
import { bodyOf, ingress, say, statusOf } from "../../support/raw-http.ts";
import { SAMPLE, SAMPLE_SIGNATURE } from "../../support/ingress-desk.ts";

/** Through a socket, because clients tidy a path before they send it. */
const { app, host } = ingress();
afterAll(() => app.close());

const post = (target: string): Promise<string> =>
  say(
    app,
    `POST ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-qoc-signature: sha256=${SAMPLE_SIGNATURE}\r\ncontent-length: ${SAMPLE.length}\r\n\r\n${SAMPLE}`,
  );

describe("a path that is not the endpoint's letter by letter is 404:", () => {
  test.each([
    ["dots", "/webhook/../webhook/equity-desk/price-alert"],
    ["dots within", "/webhook/equity-desk/../equity-desk/price-alert"],
    ["encoded dots", "/webhook/%2e%2e/price-alert"],
    ["encoded dots within", "/webhook/equity-desk/%2e%2e/%2e%2e/etc/passwd"],
    ["an encoded slash", "/webhook/equity-desk%2Fprice-alert"],
    ["an encoded slash behind", "/webhook/equity-desk/price-alert%2F"],
    ["a backslash", "/webhook/equity-desk\\price-alert"],
    ["an encoded letter", "/webhook/equity-desk/%70rice-alert"],
    ["a double slash in front", "//webhook/equity-desk/price-alert"],
    ["a double slash within", "/webhook//equity-desk/price-alert"],
    ["a slash behind", "/webhook/equity-desk/price-alert/"],
    ["a further part", "/webhook/equity-desk/price-alert/x"],
    ["a missing part", "/webhook/equity-desk"],
    ["empty parts", "/webhook//"],
    ["an encoded NUL", "/webhook/equity-desk/price-alert%00"],
    ["a broken encoding", "/webhook/equity-desk/%zz"],
    ["half a UTF-8 letter", "/webhook/equity-desk/%c3"],
    ["other capitals in front", "/Webhook/equity-desk/price-alert"],
    ["other capitals behind", "/webhook/equity-desk/Price-Alert"],
    ["a very long name", `/webhook/equity-desk/${"a".repeat(5000)}`],
    ["a semicolon", "/webhook/equity-desk/price-alert;x=1"],
    ["a fragment", "/webhook/equity-desk/price-alert#x"],
    ["a name of the prototype", "/webhook/__proto__/constructor"],
    ["a scheme that is not HTTP", "file:///webhook/equity-desk/price-alert"],
  ])("%s", async (_name, target) => {
    const answer = await post(target);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([404, expect.objectContaining({ code: "ROUTE_UNKNOWN" })]);
    expect(host.posted).toEqual([]);
  });
});

test("a NUL in the request line is no request", async () => {
  expect(statusOf(await post("/webhook/equity-desk/price-alert\0"))).toBe(400);
});

test("a target longer than all headers may be is 431", async () => {
  expect(statusOf(await post(`/webhook/${"a".repeat(20_000)}/x`))).toBe(431);
});

test.each([
  ["a query", "/webhook/equity-desk/price-alert?from=/webhook/a/b"],
  ["the absolute form", "http://example.com/webhook/equity-desk/price-alert"],
])("%s leads to the endpoint all the same", async (_name, target) => {
  expect(statusOf(await post(target))).toBe(202);
});
