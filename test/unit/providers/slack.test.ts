import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { slack } from "../../../src/providers/slack.ts";
import { foundBy, isAscending, readsAnything, verdictOn } from "./found-by.ts";

const FORM = { headers: { "Content-Type": "application/x-www-form-urlencoded" } };

describe("the signature", () => {
  const now_ms = 1_772_438_400_000;
  const signed = (body: string, time_s: number | string, secret = "s3cret") => {
    const signature = createHmac("sha256", secret).update(`v0:${time_s}:${body}`).digest("hex");
    const headers = { "X-Slack-Signature": `v0=${signature}`, "X-Slack-Request-Timestamp": `${time_s}` };
    return { body, headers, secrets: ["s3cret"], now_ms };
  };

  test.each([
    ["JSON", '{"type":"event_callback"}'],
    ["a form", "payload=%7B%7D&x=a+b"],
  ])("is over the bytes of %s and the time", (_name, body) => {
    expect(verdictOn(slack, signed(body, 1_772_438_400))).toBe(0);
    expect(verdictOn(slack, { ...signed(body, 1_772_438_400), body: `${body}&` })).toBe("MISMATCH");
  });

  test("holds for five minutes either way", () => {
    expect([-300, 300].map((age) => verdictOn(slack, signed("{}", 1_772_438_400 + age)))).toEqual([0, 0]);
    expect(verdictOn(slack, signed("{}", 1_772_438_400 - 301))).toBe("TOO_OLD");
    expect(verdictOn(slack, signed("{}", 1_772_438_400 + 301))).toBe("IN_FUTURE");
  });

  test("does not cover another time than the one it was made for", () => {
    const sent = signed("{}", 1_772_438_399);
    const headers = { ...sent.headers, "X-Slack-Request-Timestamp": "1772438400" };
    expect(verdictOn(slack, { ...sent, headers })).toBe("MISMATCH");
  });

  test("without its time is none", () => {
    const { headers, ...sent } = signed("{}", 1_772_438_400);
    expect(verdictOn(slack, { ...sent, headers: { "X-Slack-Signature": headers["X-Slack-Signature"] } })).toBe(
      "NO_TIME",
    );
  });
});

describe("the order of what happens in a channel", () => {
  const event = (ts: string) =>
    foundBy(slack, { team_id: "T", event: { type: "message", channel: "C", event_ts: ts } });

  test("is by microseconds, beyond what a double holds", () => {
    const times = ["1772438400.000001", "1772438400.000002", "1772438400.100000", "1772438401.000000"];
    expect(isAscending(times.map((ts) => event(ts).order))).toBe(true);
  });

  test("counts buttons pressed among the messages", () => {
    const press = {
      type: "block_actions",
      channel: { id: "C" },
      team: { id: "T" },
      actions: [{ action_ts: "1772438400.5" }],
    };
    const pressed = foundBy(slack, press);
    expect(isAscending([event("1772438400.4").order, pressed.order, event("1772438400.6").order])).toBe(true);
    expect(pressed.subject_key).toBe(event("1").subject_key);
  });

  test("is never the time in whole seconds", () => {
    expect(foundBy(slack, { event_time: 1_772_438_400, event: { type: "message" } }).order).toBeNull();
  });
});

describe("a form", () => {
  test("with JSON in it is read as that JSON, and an interaction has its own type", () => {
    const payload = encodeURIComponent('{"type":"view_submission","user":{"id":"U1","team_id":"T1"}}');
    expect(foundBy(slack, `payload=${payload}`, FORM)).toMatchObject({
      payload: "json",
      event_type: "view_submission",
      actor: "U1",
      project: "T1",
    });
  });

  test("without JSON is a slash command, named by itself", () => {
    expect(foundBy(slack, "command=%2Fdeploy&team_id=T1&channel_id=C1&user_id=U1", FORM)).toMatchObject({
      payload: "form",
      event_type: "/deploy",
      subject_key: "slack:T1:C1",
      actor: "U1",
    });
  });

  test("with the JSON field twice is no interaction: readers would differ on which counts", () => {
    const found = foundBy(slack, "payload=%7B%22type%22%3A%22a%22%7D&payload=%7B%22type%22%3A%22b%22%7D", FORM);
    expect(found).toMatchObject({ payload: "form", event_type: null });
  });
});

test("the handshake names what it is asked by and what to answer", () => {
  expect(slack.handshake).toEqual({ pointer: "/type", value: "url_verification", echo: "/challenge" });
});

readsAnything(slack);
