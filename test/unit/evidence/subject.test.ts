import { describe, expect, test } from "vitest";
import type { SealInput } from "../../../src/evidence/journal.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { birth, COMMIT, job, journal, looseOf, signer, transition } from "./support.ts";

const sealed = (input: SealInput) => looseOf(seal(input, signer).bytes);

describe("the subject", () => {
  test("is the commit of a delivery that anchors", () => {
    const { subject } = sealed(job(journal({ provider: "github", commit_sha: COMMIT }, true)));
    expect(subject).toMatchObject({ kind: "github_commit", id: COMMIT, source: "github", anchored: true });
  });

  test("is a git commit where the provider is no forge", () => {
    const { subject } = sealed(job(journal({ commit_sha: COMMIT }, true)));
    expect(subject).toMatchObject({ kind: "git_commit", id: COMMIT, source: "qoc", anchored: true });
  });

  test.each([
    ["without a commit", {}, true],
    ["with an abbreviated commit", { commit_sha: COMMIT.slice(0, 12) }, true],
    ["with the all-zero commit", { commit_sha: "0".repeat(40) }, true],
    ["that was not found to be anchored", { commit_sha: COMMIT }, false],
  ])("is the delivery itself for one %s", (_name, given, anchored) => {
    const { subject } = sealed(job(journal(given, anchored)));
    expect(subject).toMatchObject({ kind: "webhook_delivery", id: "delivery-1", source: "qoc", anchored: false });
  });

  test("is not anchored to a commit that a later delivery brought: that would depend on what arrived when", () => {
    const arrived = transition(10, "CONTEXT_ARRIVED", "executing.performing", [], {
      commit_sha: COMMIT,
      by_run: birth.run,
    });
    const { subject } = sealed(job(journal({ provider: "gitlab" }).toSpliced(4, 0, arrived)));
    expect(subject).toMatchObject({ kind: "webhook_delivery", id: "delivery-1", anchored: false });
  });

  test("has the sender's identifiers beside it, those that there are", () => {
    expect(sealed(job()).subject.meta).toEqual([
      { name: "delivery_id", value: "delivery-1" },
      { name: "event_id", value: "evt-1" },
      { name: "project_path", value: "desk/equity" },
      { name: "subject_key", value: "risk_breach" },
    ]);
  });
});
