import { readFileSync } from "node:fs";
import canonicalize from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SealJob } from "../../../src/desk/jobs.ts";
import type { Json } from "../../../src/core/observation.ts";
import type { SealInput } from "../../../src/evidence/journal.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { verify } from "../../../src/evidence/verify.ts";
import {
  artifact,
  birth,
  BODY,
  COMMIT,
  facts,
  job,
  journal,
  looseOf,
  observed,
  publicPem,
  redelivered,
  signer,
  transition,
} from "./support.ts";

fc.configureGlobal({ seed: 1 });

const golden = (name: string) => readFileSync(new URL(`../../conformance/envelopes/${name}.json`, import.meta.url));
const sealed = (input: SealInput) => looseOf(seal(input, signer).bytes);
const verdictOn = (input: SealInput) => verify(seal(input, signer).bytes, { keys: [publicPem] });

describe("seal", () => {
  test("takes the desk's seal jobs", () => {
    const work: SealJob = { kind: "seal", dir: "/desk", birth, machine: job().machine, entries: [], amends: null };
    expect(() => seal(work, signer)).toThrow("at least one entry");
  });

  test("gives the same bytes when it is repeated", () => {
    const copy: SealInput = structuredClone(job());
    expect(Buffer.from(seal(copy, signer).bytes).equals(seal(job(), signer).bytes)).toBe(true);
  });

  test("gives the bytes of the golden envelopes", () => {
    const commit = job(journal({ provider: "github", commit_sha: COMMIT }, true));
    expect(golden("inbox").equals(seal(job(), signer).bytes)).toBe(true);
    expect(golden("commit").equals(seal(commit, signer).bytes)).toBe(true);
  });

  test("gives the file as its own RFC 8785 bytes", () => {
    const { bytes } = seal(job(), signer);
    expect(Buffer.from(bytes).toString()).toBe(canonicalize(looseOf(bytes)));
  });

  test("names the file and the seal as the document does", () => {
    const result = seal(job(), signer);
    const { evidence_id, integrity } = looseOf(result.bytes);
    expect([result.evidence_id, result.seal_hash]).toEqual([evidence_id, integrity.seal_hash]);
    expect(evidence_id).toBe(birth.evidence_id);
  });

  test("says who made it, where, and why", () => {
    const { producer, runner_context, intent, generated_at } = sealed(job());
    expect({ producer, runner_context, intent, generated_at }).toEqual({
      producer: { name: "equity-desk", version: "0.1.0", component: "daemon" },
      runner_context: {
        runner_type: "local",
        os: "linux",
        arch: "x64",
        toolchain: [{ name: "node", value: "20.20.2" }],
      },
      intent: {
        action: "inbox",
        task: null,
        statement: "Write an inbox item because of risk_breach",
        trigger: {
          kind: "webhook",
          workspace: "equity-desk",
          webhook: "risk-breach",
          provider: "qoc",
          event_type: "risk_breach",
        },
      },
      generated_at: "2026-07-05T13:45:01.140Z",
    });
  });

  test("holds the request as a1 and the headers as a2", () => {
    const { artifacts } = sealed(job());
    expect(artifacts.map(({ id, kind }: { id: string; kind: string }) => [id, kind])).toEqual([
      ["a1", "webhook_request"],
      ["a2", "webhook_headers"],
    ]);
    expect(artifacts[0]).toEqual({
      id: "a1",
      kind: "webhook_request",
      media_type: "application/json",
      bytes: BODY.length,
      sha256: birth.request.sha256,
      content_uri: `urn:sha256:${birth.request.sha256}`,
      location_hints: [],
      class: "internal",
    });
  });

  test("lets observations rest on artifacts by their ids", () => {
    const { observations } = sealed(job());
    expect(observations[0]).toEqual({
      id: "o1",
      name: "signature_verified",
      value: true,
      at: "2026-07-05T13:45:01.121Z",
      state: "verified",
      basis_artifact_ids: ["a1", "a2"],
    });
  });

  test("reports what was done and how it ended", () => {
    const { execution } = sealed(job());
    expect(execution.outcome).toBe("completed");
    expect(execution.steps).toEqual([
      {
        id: "s1",
        kind: "inbox_item",
        status: "succeeded",
        exit_code: 0,
        started_at: "2026-07-05T13:45:01.130Z",
        finished_at: "2026-07-05T13:45:01.140Z",
        artifact_ids: [],
      },
    ]);
  });

  test("takes in a redelivery that came before the seal, with its bytes as an artifact", () => {
    const entries = journal().toSpliced(5, 0, redelivered(10, "executing.performing", Buffer.from("other")));
    const { artifacts, observations, integrity } = sealed(job(entries));
    expect(artifacts[2]).toMatchObject({ id: "a3", kind: "webhook_request", bytes: 5 });
    expect(observations.find(({ name }: { name: string }) => name === "conflict_received")).toMatchObject({
      state: "executing.performing",
      basis_artifact_ids: ["a3"],
    });
    expect(integrity.hash_chain).toHaveLength(7);
    expect(verdictOn(job(entries)).ok).toBe(true);
  });

  test("names bytes that came twice once", () => {
    const entries = journal().toSpliced(5, 0, redelivered(10, "executing.performing", BODY));
    expect(sealed(job(entries)).artifacts).toHaveLength(2);
  });

  test("refuses a journal that rests on bytes it does not name", () => {
    const stray = artifact("log", Buffer.from("stray"));
    const entries = [...journal(), transition(30, "", "sealing", [observed("effect_done", "x", stray)])];
    expect(() => seal(job(entries), signer)).toThrow("names the artifact");
  });

  test("refuses a disclosure key of another length", () => {
    expect(() => seal({ ...job(), birth: { ...birth, disclosure_key: "AAAA" } }, signer)).toThrow("32 bytes");
  });
});

describe("a refused delivery that is recorded", () => {
  const entries = [
    transition(0, "xstate.init", "received", []),
    transition(
      1,
      "REFUSED",
      "sealing",
      [observed("signature_verified", false, birth.request), observed("outcome_decided", "refused")],
      {
        code: "SIGNATURE_INVALID",
        record: true,
        basis: [birth.request.sha256],
      },
    ),
  ];

  test("is sealed with what is known of it, and nulls for what is not", () => {
    const { execution, subject, intent, observations } = sealed(job(entries));
    expect(execution).toMatchObject({ outcome: "refused", steps: [] });
    expect(subject).toEqual({ kind: "webhook_delivery", id: birth.run, source: null, anchored: false, meta: [] });
    expect(intent).toMatchObject({ statement: null, trigger: { provider: null, event_type: null } });
    expect(observations[0]).toMatchObject({ name: "signature_verified", value: false });
    expect(verdictOn(job(entries)).codes).toEqual([]);
  });
});

describe("what a sender may send", () => {
  test("stands in evidence as U+FFFD where it has no UTF-8 form", () => {
    const hostile = job(journal({ project: "a\ud800b", delivery_id: "\udfff" }));
    expect(sealed(hostile).subject.meta.map(({ value }: { value: string }) => value)).toContain("a\ufffdb");
    expect(verdictOn(hostile).codes).toEqual([]);
  });

  test("never becomes part of a pointer", () => {
    const value: Json = { "a/secret~name": { toJSON: 1 }, list: [{ x: null }, {}] };
    const entries = journal().toSpliced(4, 0, transition(3, "", "recorded", [observed("noted", value)]));
    const document = sealed(job(entries));
    expect(document.observations.find(({ name }: { name: string }) => name === "noted").value).toEqual([
      { name: "a/secret~name", value: [{ name: "toJSON", value: 1 }] },
      { name: "list", value: [[{ name: "x", value: null }], []] },
    ]);
    expect(JSON.stringify(document.integrity)).not.toMatch(/secret|toJSON/);
    expect(verdictOn(job(entries)).codes).toEqual([]);
  });

  test("is sealed so that it verifies, whatever it is", () => {
    const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });
    const names = ["provider", "delivery_id", "project", "ref", "commit_sha", "actor"];
    const anyFacts = fc.record(Object.fromEntries(names.map((name) => [name, anyText])));
    fc.assert(
      fc.property(anyFacts, fc.jsonValue({ maxDepth: 3 }), (given, value) => {
        const claim = JSON.parse(JSON.stringify(value));
        const noted = transition(3, "", "recorded", [observed("noted", claim)]);
        const input = job(journal({ ...facts, ...given }).toSpliced(4, 0, noted));
        expect(verdictOn(input).findings).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
