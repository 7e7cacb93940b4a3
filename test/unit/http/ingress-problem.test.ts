import { describe, expect, test } from "vitest";
import { isRefusalCode, refusals, refuse } from "../../../src/core/refusals.ts";
import { problemHeaders, problemOf } from "../../../src/http/problem.ts";

const codes = Object.keys(refusals).filter(isRefusalCode);

test.each(codes)("%s is a problem of RFC 9457 with the table's status and sentence", (code) => {
  const { status, says } = refusals[code];
  expect(JSON.parse(problemOf(code).body)).toEqual({ type: `urn:qoc:problem:${code}`, title: says, status, code });
  expect(problemOf(code).status).toBe(status);
});

describe("the headers of a refusal", () => {
  test("name a time to come again with every 429 and 503, and with nothing else", () => {
    const withTime = codes.filter((code) => "retry-after" in problemHeaders(refuse(code, "")));
    expect(withTime).toEqual(codes.filter((code) => [429, 503].includes(refusals[code].status)));
  });

  test("name the time that the refusal has", () => {
    expect(problemHeaders(refuse("OVERLOADED", "", 9))).toEqual({ "retry-after": "9" });
  });

  test("name the method that is allowed", () => {
    expect(problemHeaders(refuse("METHOD_NOT_ALLOWED", ""))).toEqual({ allow: "POST" });
  });
});
