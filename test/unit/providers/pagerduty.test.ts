import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { pagerduty } from "../../../src/providers/pagerduty.ts";
import { foundBy, isAscending, readsAnything, verdictOn } from "./found-by.ts";

const event = (event_type: string, occurred_at: string) =>
  foundBy(pagerduty, { event: { event_type, occurred_at, data: { id: "Q1", type: "incident" } } }).order;

const hmac = (secret: string, body: string): string => createHmac("sha256", secret).update(body).digest("hex");

describe("the signature header", () => {
  const body = '{"event":{}}';
  const signed = (header: string, secrets: readonly string[]) =>
    verdictOn(pagerduty, { body, secrets, headers: { "X-PagerDuty-Signature": header } });

  test("holds one signature", () => {
    expect(signed(`v1=${hmac("new", body)}`, ["new"])).toBe(0);
  });
  test("holds several, any of which may match any secret", () => {
    expect(signed(`v1=${hmac("other", body)},v1=${hmac("old", body)}`, ["new", "old"])).toBe(1);
  });
  test("holds versions that are not known, which count for nothing", () => {
    expect(signed(`v2=${hmac("new", body)},v1=${hmac("new", body)}`, ["new"])).toBe(0);
    expect(signed(`v2=${hmac("new", body)}`, ["new"])).not.toBe(0);
  });
  test("of another body matches nothing", () => {
    expect(signed(`v1=${hmac("new", "{}")}`, ["new"])).toBe("MISMATCH");
  });
});

describe("the order of an incident's events", () => {
  test("is by time, through its whole life and a second one", () => {
    const life = [
      event("incident.triggered", "2026-03-02T08:15:00.120Z"),
      event("incident.acknowledged", "2026-03-02T08:15:00.121Z"),
      event("incident.priority_updated", "2026-03-02T08:16:00Z"),
      event("incident.resolved", "2026-03-02T08:41:09.900Z"),
      event("incident.reopened", "2026-03-02T08:41:10Z"),
      event("incident.acknowledged", "2026-03-02T09:00:00Z"),
      event("incident.resolved", "2026-03-02T09:00:00.001Z"),
    ];
    expect(isAscending(life)).toBe(true);
  });

  test.each(["acknowledged", "escalated", "reassigned", "annotated", "status_update_published"])(
    "within one millisecond has %s between triggered and resolved",
    (between) => {
      const [first, then, last] = ["triggered", between, "resolved"].map((name) =>
        event(`incident.${name}`, "2026-03-02T08:15:00.120Z"),
      );
      expect(isAscending([first ?? null, then ?? null, last ?? null])).toBe(true);
    },
  );

  test("within one millisecond says nothing of resolving and opening again", () => {
    const [resolved, reopened] = ["resolved", "reopened"].map((name) =>
      event(`incident.${name}`, "2026-03-02T08:15:00.120Z"),
    );
    expect(resolved).toEqual(reopened);
  });

  test("is unknown without a time", () => {
    expect(foundBy(pagerduty, { event: { event_type: "incident.triggered" } }).order).toBeNull();
  });
});

describe("the subject", () => {
  const about = (data: unknown) => foundBy(pagerduty, { event: { data } }).subject_key;

  test.each([
    ["the incident", { id: "Q1", type: "incident" }, "pagerduty:incident:Q1"],
    ["the incident of a note", { id: "N1", type: "incident_note", incident: { id: "Q1" } }, "pagerduty:incident:Q1"],
    ["the incident of a responder", { type: "incident_responder", incident: { id: "Q1" } }, "pagerduty:incident:Q1"],
    ["a service", { id: "S1", type: "service" }, "pagerduty:service:S1"],
    ["nothing, for data without a type", { id: "Q1" }, null],
    ["nothing, for a ping", { type: "ping", message: "Hello" }, null],
    ["nothing, for no data", null, null],
  ])("is %s", (_name, data, subject) => {
    expect(about(data)).toBe(subject);
  });
});

describe("the delivery's id", () => {
  test("is the signed one, whatever the header says", () => {
    const found = foundBy(pagerduty, { event: { id: "01SIGNED" } }, { headers: { "X-Webhook-Id": "unsigned" } });
    expect(found.delivery_id).toBe("01SIGNED");
  });
  test("is never the header's, which a stranger could change to begin a second run", () => {
    const [one, two] = ["a", "b"].map((id) => foundBy(pagerduty, { event: {} }, { headers: { "X-Webhook-Id": id } }));
    expect(one?.delivery_id).toBe(two?.delivery_id);
  });
});

readsAnything(pagerduty);
