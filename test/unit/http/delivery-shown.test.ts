/** A delivery as a page shows it, also where its bytes are gone, are no text, or are hostile. */
import { describe, expect, test } from "vitest";
import type { ArtifactRef, Json } from "../../../src/core/observation.ts";
import type { DeliveryEvent } from "../../../src/core/delivery.ts";
import { deliveryShown, factFields } from "../../../src/http/delivery-shown.ts";
import { DeliveryShown } from "../../../src/http/shapes/run-page.ts";
import type { Entry } from "../../../src/engine/ports.ts";
import { asJson, BODY, HEADERS, inputWith, normalized, refused, VERIFIED } from "../../support/delivery-words.ts";

const journalOf = (...events: readonly DeliveryEvent[]): readonly Entry[] =>
  [{ type: "init" }, ...events].map((event, seq): Entry => {
    const { type, ...data } = event;
    const told: Json = asJson(data);
    return {
      seq,
      at: seq,
      event: type,
      by: "provider",
      from: null,
      to: "x",
      guard: null,
      observations: [],
      effects: [],
      data: told,
    };
  });

function shown(
  body: Uint8Array | string | undefined,
  headers: string | undefined = "[]",
  bytes?: number,
): DeliveryShown {
  const given = typeof body === "string" ? Buffer.from(body) : body;
  const request: ArtifactRef = { ...inputWith().request, bytes: bytes ?? given?.length ?? 2 };
  const kept = new Map([
    [BODY, given],
    [HEADERS, headers === "" ? undefined : Buffer.from(headers)],
  ]);
  const artifact = (sha256: typeof BODY, bytesMax?: number) => kept.get(sha256)?.subarray(0, bytesMax);
  return DeliveryShown.parse(deliveryShown({ ...inputWith(), request }, journalOf(VERIFIED, normalized()), artifact));
}

describe("the body", () => {
  test("is a text as received, with its byte order mark and everything that would be markup elsewhere", () => {
    const text = "\ufeff<img src=x onerror=alert(1)>\u0000\u202e\r\n";
    expect(shown(text).body).toMatchObject({ text, because: null, cut: false });
  });

  test.each([
    ["gone", undefined, "These bytes are not kept any more."],
    ["no UTF-8", Uint8Array.of(0xff, 0xfe), "These bytes are no UTF-8 text."],
    ["half a character at its end", Uint8Array.of(0x61, 0xc3), "These bytes are no UTF-8 text."],
  ])("that is %s is no text, and says why", (_, bytes, because) => {
    expect(shown(bytes).body).toMatchObject({ text: null, cut: false, because });
  });

  test("that is large is cut, also within a character; one that is no text stays none", () => {
    const large = Buffer.concat([Buffer.from("x"), Buffer.from("é".repeat(200_000))]);
    const { text, cut } = shown(large).body;
    expect([cut, text?.length, text?.endsWith("é")]).toEqual([true, 1 + (256 * 1024 - 2) / 2, true]);
    expect(shown(Buffer.alloc(300_000, 0xff)).body).toMatchObject({ text: null, cut: false });
  });
});

describe("the headers", () => {
  test("are a list, whatever their names", () => {
    const kept = [
      { name: "__proto__", value: "a" },
      { name: "x", value: "<b>" },
      { name: "x", value: "again" },
    ];
    expect(shown("{}", JSON.stringify(kept)).headers).toEqual([
      ["__proto__", "a"],
      ["x", "<b>"],
      ["x", "again"],
    ]);
  });

  test.each(["", "{", "{}", '[{"name":1}]'])("are none where %j stands in their place", (headers) => {
    expect(shown("{}", headers).headers).toEqual([]);
  });
});

describe("the facts", () => {
  test("have one line each, those of an order signal too, with every number as it was written", () => {
    const chain = { kind: "chain", before: "0001", after: null, forced: false, mark: "2026" } as const;
    expect(factFields(journalOf(normalized({ subject_key: "420.00", order: chain })))).toEqual([
      ["provider", "qoc"],
      ["event_type", "risk_breach"],
      ["delivery_id", "d-1"],
      ["subject_key", "420.00"],
      ["order.kind", "chain"],
      ["order.before", "0001"],
      ["order.forced", "false"],
      ["order.mark", "2026"],
      ["payload", "json"],
    ]);
  });

  test("are none before they are known", () => expect(factFields(journalOf(VERIFIED))).toEqual([]));
});

test.each([
  [[VERIFIED], { verified: true, scheme: "qoc", secret: 1 }],
  [[refused(true)], { verified: false, scheme: null, secret: null }],
  [[], { verified: false, scheme: null, secret: null }],
])("the signature is what the journal says of it", (events, signature) => {
  const panel = deliveryShown(inputWith(), journalOf(...events), () => undefined).signature;
  expect(panel).toMatchObject(signature);
  expect(panel.says.includes("SIGNATURE_INVALID")).toBe(events.some(({ type }) => type === "REFUSED"));
});
