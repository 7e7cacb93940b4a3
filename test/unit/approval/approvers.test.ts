import { describe, expect, test } from "vitest";
import { type FoundApprover, settleApprovers } from "../../../src/approval/approvers.ts";
import { DESK, endorsed, person } from "../../support/approval-words.ts";

const [alice, bob, carol, mallory] = [person("alice"), person("bob"), person("carol"), person("mallory")];
const ROOT = alice.key.fingerprint;
const settle = (found: readonly FoundApprover[], pinned: string | undefined = ROOT) => {
  const { approvers, refused, root, unsettled } = settleApprovers(found, DESK, pinned);
  return { names: approvers.map(({ name }) => name), refused, root, unsettled };
};
const first = endorsed(alice, alice);

describe("approvers are", () => {
  test("the first, who is to be pinned when none is", () => {
    const settled = settleApprovers([first], DESK, undefined);
    expect(settled).toEqual({ root: ROOT, unsettled: null, approvers: [alice.approver], refused: [] });
  });
  test("those whose endorsements lead to the first, over others too", () => {
    expect(settle([endorsed(carol, bob), first, endorsed(bob, alice)])).toMatchObject({
      names: ["alice", "bob", "carol"],
      refused: [],
    });
  });
  test("nobody where there is nobody", () => {
    expect(settleApprovers([], DESK, undefined)).toEqual({ root: null, unsettled: null, approvers: [], refused: [] });
  });
});

describe("a key counts for nothing", () => {
  const planted = { name: "mallory", publicKey: mallory.pem };
  test.each([
    ["that nobody endorsed", { ...planted, endorsement: null }, "Nobody endorsed this key."],
    ["that endorses itself beside the first", endorsed(mallory, mallory), "It endorses itself alone"],
    [
      "with the endorsement of another",
      { ...planted, endorsement: endorsed(bob, alice).endorsement },
      "for another name or another key",
    ],
    ["endorsed for another desk", endorsed(mallory, alice, { workspace: "other" }), "for another desk, other"],
    ["endorsed by one who is not endorsed", endorsed(carol, mallory), "does not lead to the first approver"],
    ["whose endorsement is no record", { ...planted, endorsement: Buffer.from("{}") }, "cannot be read"],
    ["that is none", { ...first, name: "eve", publicKey: "no key" }, "not the public key of an Ed25519 pair"],
    ["under a name that leads out of the folder", { ...first, name: "../eve" }, "not of the form"],
  ])("%s", (_says, found, reason) => {
    const settled = settle([first, found]);
    expect(settled.names).toEqual(["alice"]);
    expect(settled.refused).toEqual([{ name: found.name, reason: expect.stringContaining(reason) }]);
  });

  test("endorsed in the name of an approver, but not by that key", () => {
    const endorsement = Buffer.from(
      Buffer.from(endorsed(mallory, mallory).endorsement).toString().replaceAll(mallory.key.fingerprint, ROOT),
    );
    expect(settle([first, { name: "mallory", publicKey: mallory.pem, endorsement }]).names).toEqual(["alice"]);
    const payload = Buffer.from(
      endorsed(mallory, { ...mallory, signer: { ...mallory.signer, keyid: ROOT } }).endorsement,
    );
    expect(settle([first, { name: "mallory", publicKey: mallory.pem, endorsement: payload }])).toMatchObject({
      names: ["alice"],
      refused: [{ name: "mallory", reason: "The endorsement's signature does not match." }],
    });
  });

  test("a second time under another name, so nobody is two approvers", () => {
    const twin = { ...alice, name: "alice-2" };
    expect(settle([first, endorsed(twin, alice)])).toMatchObject({
      names: ["alice"],
      refused: [{ name: "alice-2", reason: expect.stringContaining("one key has one name") }],
    });
    expect(settle([first, { ...first, name: "alice-2" }]).names).toEqual(["alice"]);
  });
});

describe("nothing is approved", () => {
  test("when the first approver was swapped for another, whoever that one endorsed", () => {
    const swapped = settle([endorsed(mallory, mallory), endorsed(bob, mallory)]);
    expect(swapped).toMatchObject({ names: [], root: null, unsettled: expect.stringContaining(ROOT) });
    expect(swapped.unsettled).toContain("qoc approver reset");
    expect(swapped.refused.map(({ name }) => name)).toEqual(["bob", "mallory"]);
  });
  test("when the first approver's files are gone", () => {
    expect(settle([endorsed(bob, alice)])).toMatchObject({ names: [], unsettled: expect.stringContaining(ROOT) });
    expect(settle([])).toMatchObject({ names: [], unsettled: expect.stringContaining(ROOT) });
  });
  test("when two say that they are the first and none is known", () => {
    const two = settleApprovers([first, endorsed(mallory, mallory)], DESK, undefined);
    expect(two).toMatchObject({ root: null, approvers: [], unsettled: expect.stringContaining("alice, mallory") });
  });
  test("until it is known which of the two is the first: then the other counts for nothing", () => {
    expect(settle([first, endorsed(mallory, mallory)]).names).toEqual(["alice"]);
  });
});
