import { describe, expect, test } from "vitest";
import { dispatchEffects, type DispatchWorld } from "../../../src/desk/dispatch-order.ts";
import { orderKeyOf } from "../../../src/orders/connector.ts";
import {
  ANNA,
  approver,
  BERT,
  decisionBy,
  deploymentFile,
  digestOf,
  dispatchGiven,
  draftFile,
  hashOf,
  notedConnector,
  RUN,
  toldOf,
  WORKSPACE,
} from "./dispatch-support.ts";

const DIGEST = digestOf(draftFile());
const KEY = orderKeyOf(RUN, 1, DIGEST);
const OTHER = hashOf("another");

/** What the run is told in one line, and whatever the connector was. */
async function given(...args: Parameters<typeof dispatchGiven>): Promise<readonly [string, readonly string[]]> {
  const { connector, perform } = dispatchGiven(...args);
  const told = toldOf(await perform());
  const what = told.type === "ORDER_SETTLED" ? told.outcome : "unclear";
  return [told.reason === null ? what : `${what}: ${told.reason}`, connector.told];
}

const through = (connector: ReturnType<typeof notedConnector>): Partial<DispatchWorld> => ({
  connectors: new Map([["broker", connector]]),
});
const fails = (): never => {
  throw new Error("it broke");
};

describe("an approved order", () => {
  test("is sent once, as it was approved, under the key of its run, number and digest", async () => {
    const { connector, perform } = dispatchGiven();
    const { event, artifacts } = await perform();
    expect(connector.told).toEqual(["submit"]);
    expect(connector.sent).toEqual([
      {
        key: KEY,
        run: RUN,
        number: 1,
        digest: DIGEST,
        draft: {
          kind: "order",
          connector: "broker",
          symbol: "NVDA",
          side: "buy",
          quantity: "10",
          type: "market",
          limit_price: null,
          time_in_force: "day",
          rationale: { summary: "a reason", research_ref: null },
        },
      },
    ]);
    const [acknowledgement] = artifacts;
    if (acknowledgement === undefined) throw new Error("nothing is kept");
    expect(acknowledgement.ref).toEqual({
      sha256: hashOf(acknowledgement.bytes),
      kind: "order_acknowledgement",
      media_type: "application/json",
      bytes: acknowledgement.bytes.length,
      class: "internal",
    });
    expect(JSON.parse(Buffer.from(acknowledgement.bytes).toString())).toEqual({
      schema: "qoc.acknowledgement/v1",
      connector: "connector broker",
      key: KEY,
      to: "submit",
      answer: { kind: "accepted", reference: "A-1" },
    });
    expect(event).toEqual({
      type: "ORDER_SETTLED",
      effect: `delivery/${RUN}#7:0`,
      draft: 1,
      outcome: "executed",
      reason: "accepted as A-1; what comes of it is not known here",
      step: {
        kind: "order_dispatch",
        status: "succeeded",
        exit_code: null,
        started_at: "2026-07-05T14:22:00.000Z",
        finished_at: "2026-07-05T14:22:00.000Z",
        artifacts: [acknowledgement.ref.sha256],
      },
      artifacts: [acknowledgement.ref],
    });
  });

  test.each([
    [{ kind: "filled", fills: [{ quantity: "10", price: "1" }], reference: null }, "executed", "succeeded"],
    [{ kind: "refused", reason: "no margin" }, "failed: no margin", "failed"],
    [
      { kind: "unclear", reason: "the line dropped" },
      "unclear: it may have been sent: the line dropped",
      "interrupted",
    ],
  ] as const)("is told by what the connector says: %j", async (said, says, status) => {
    const { perform } = dispatchGiven(through(notedConnector(() => said)));
    const told = toldOf(await perform());
    expect(
      `${told.type === "ORDER_SETTLED" ? told.outcome : "unclear"}${told.reason === null ? "" : `: ${told.reason}`}`,
    ).toBe(says);
    expect(told.step?.status).toBe(status);
    expect(told.artifacts.length).toBe(1);
  });

  test("is open when the connector breaks while it has it", async () => {
    const connector = notedConnector(fails);
    expect((await given(through(connector)))[0]).toBe("unclear: it may have been sent: it broke");
    expect(connector.told).toEqual(["submit"]);
  });

  test("of a configured kind goes to that kind's command, and no guard is asked", async () => {
    expect(await given({ guard: fails }, {}, deploymentFile)).toEqual([
      "executed: accepted as A-1; what comes of it is not known here",
      ["submit"],
    ]);
  });

  test("is one of a desk at a time, and never sent again by the engine", () => {
    const effect = dispatchEffects({
      workspace: WORKSPACE,
      store: { artifact: () => undefined },
      kinds: [],
      connectors: new Map(),
      actions: new Map(),
      approvers: () => ({ approvers: [], unsettled: null }),
      guard: () => ({ kind: "pass" }),
      now: () => 0,
    })["dispatchOrder"];
    expect([effect?.repeatable, effect?.concurrency]).toEqual([false, 1]);
  });
});

describe("what is not as it was approved is blocked, and nothing is sent", () => {
  const signedFor = (changes: Parameters<typeof decisionBy>[2]) => [decisionBy(ANNA, DIGEST, changes)];
  const stranger = approver("anna");
  const forged = (): Buffer => {
    const bytes = decisionBy(ANNA, DIGEST).toString();
    const sig = /"sig":"([^"]+)"/.exec(bytes)?.[1] ?? "";
    return Buffer.from(bytes.replace(sig, /"sig":"([^"]+)"/.exec(decisionBy(BERT, DIGEST).toString())?.[1] ?? ""));
  };
  const two = { require: "signed", approvers: 2, keys: [ANNA.fingerprint, BERT.fingerprint] } as const;
  const notApproval = "the decision that anna signed is no approval of this order";
  const noKey = "a signed decision is by a key that is no approver's of this run";

  test.each<readonly [string, Parameters<typeof dispatchGiven>, string]>([
    ["a draft that is gone", [{}, { content: OTHER }], "the draft that was approved is not kept any more"],
    ["a draft of another digest", [{}, { digest: OTHER }], "the draft that is kept is not the one that was approved"],
    ["a draft of a connector that is not there", [{ connectors: new Map() }], "desk.toml has no connector broker"],
    ["no approval", [{}, { decisions: [] }], "it has 0 of the 1 signed approvals that it needs"],
    ["no rule of approval", [{}, { approval: null }], "the run was begun without a rule of who approves its orders"],
    ["a decision that is gone", [{}, { decisions: [OTHER] }], "a signed decision is not kept any more"],
    [
      "a decision that is none",
      [{}, {}, draftFile(), [Buffer.from("{}")]],
      "a signed decision cannot be read: it is no DSSE envelope with one signature",
    ],
    ["a rejection", [{}, {}, draftFile(), signedFor({ decision: "reject" })], notApproval],
    ["an approval on another desk", [{}, {}, draftFile(), signedFor({ workspace: "beta" })], notApproval],
    ["an approval of another run", [{}, {}, draftFile(), signedFor({ run: RUN.replace("1", "2") })], notApproval],
    ["an approval of another draft", [{}, {}, draftFile(), signedFor({ draft: 2 })], notApproval],
    ["an approval of another digest", [{}, {}, draftFile(), signedFor({ digest: OTHER })], notApproval],
    ["an approval in another's name", [{}, {}, draftFile(), signedFor({ approver: "bert" })], notApproval],
    ["an approval by a key of nobody", [{}, {}, draftFile(), [decisionBy(stranger, DIGEST)]], noKey],
    [
      "an approval by a key that is younger than the run",
      [{}, { approval: { require: "signed", approvers: 1, keys: [BERT.fingerprint] } }],
      noKey,
    ],
    [
      "an approval by a key that was removed since",
      [{ approvers: () => ({ approvers: [BERT], unsettled: null }) }],
      noKey,
    ],
    [
      "an approver whose file holds another key than it says",
      [{ approvers: () => ({ approvers: [{ ...BERT, fingerprint: ANNA.fingerprint }], unsettled: null }) }],
      noKey,
    ],
    [
      "a desk whose approvers are unsettled",
      [{ approvers: () => ({ approvers: [ANNA], unsettled: "the root changed" }) }],
      "the root changed",
    ],
    [
      "a signature of another",
      [{}, {}, draftFile(), [forged()]],
      "a signed decision does not hold: The signature does not match.",
    ],
    ["one approver of two", [{}, { approval: two }], "it has 1 of the 2 signed approvals that it needs"],
    [
      "one approver twice",
      [{}, { approval: two }, draftFile(), [decisionBy(ANNA, DIGEST), decisionBy(ANNA, DIGEST, { reason: "again" })]],
      "it has 1 of the 2 signed approvals that it needs",
    ],
    [
      "one name with two keys",
      [
        { approvers: () => ({ approvers: [ANNA, stranger], unsettled: null }) },
        { approval: { ...two, keys: [ANNA.fingerprint, stranger.fingerprint] } },
        draftFile(),
        [decisionBy(ANNA, DIGEST), decisionBy(stranger, DIGEST)],
      ],
      "it has 1 of the 2 signed approvals that it needs",
    ],
    [
      "two approvals, one of which is false",
      [{}, {}, draftFile(), [decisionBy(ANNA, DIGEST), decisionBy(BERT, OTHER)]],
      notApproval.replace("anna", "bert"),
    ],
    [
      "what a guard blocks",
      [{ guard: () => ({ kind: "block", guard: "buying-power", reason: "there is no cash" }) }],
      "buying-power: there is no cash",
    ],
    ["what a guard breaks over", [{ guard: fails }], "the guards could not be asked: it broke"],
  ])("%s", async (_, args, reason) => {
    const { connector, perform } = dispatchGiven(...args);
    const told = toldOf(await perform());
    expect(told).toMatchObject({ type: "ORDER_SETTLED", outcome: "blocked", reason, step: null, artifacts: [] });
    expect(connector.told).toEqual([]);
  });

  test("but two approvers of two send it", async () => {
    const both = [decisionBy(ANNA, DIGEST), decisionBy(BERT, DIGEST)];
    expect((await given({}, { approval: two }, draftFile(), both))[1]).toEqual(["submit"]);
  });

  test("but a run whose orders are approved without signatures needs none", async () => {
    const local = { require: "local", approvers: 1, keys: [] } as const;
    expect((await given({ approvers: fails }, { approval: { ...local }, decisions: [] })).at(1)).toEqual([]);
    expect((await given({}, { approval: { ...local }, decisions: [] }))[1]).toEqual(["submit"]);
  });
});

describe("what breaks before it is sent has failed, and nothing is sent", () => {
  test.each<readonly [string, Partial<DispatchWorld>, string]>([
    ["the store", { store: { artifact: fails } }, "failed: nothing was sent: it broke"],
    [
      "the folder of the approvers",
      { approvers: fails },
      "failed: nothing was sent, the approvals could not be verified: it broke",
    ],
  ])("%s", async (_, world, says) => {
    expect(await given(world)).toEqual([says, []]);
  });
});

describe("an order that may have been sent before", () => {
  const resumed = { resumed: true } as const;

  test.each([
    [{ kind: "filled", fills: [{ quantity: "10", price: "1" }], reference: null }, "executed"],
    [{ kind: "accepted", reference: "A" }, "executed: accepted as A; what comes of it is not known here"],
    [{ kind: "refused", reason: "no margin" }, "failed: no margin"],
    [{ kind: "unclear", reason: "who knows" }, "unclear: it may have been sent: who knows"],
    [{ kind: "cannot_tell", reason: "closed" }, "unclear: whether it was sent cannot be told: closed"],
  ] as const)("is asked for, and not sent when the answer is %j", async (answer, says) => {
    const connector = notedConnector(undefined, () => answer);
    const [told] = await given(through(connector), resumed);
    expect([told, connector.told]).toEqual([says, [`ask ${KEY}`]]);
  });

  test("is sent under the same key when it was never seen", async () => {
    const { connector, perform } = dispatchGiven({}, resumed);
    await perform();
    expect(connector.told).toEqual([`ask ${KEY}`, "submit"]);
    expect(connector.sent.map(({ key }) => key)).toEqual([KEY]);
  });

  test("is asked for before any approval or guard is looked at, and settled by the answer alone", async () => {
    const connector = notedConnector(undefined, () => ({ kind: "refused", reason: "no" }));
    const world = { ...through(connector), approvers: fails, guard: fails };
    expect((await given(world, { ...resumed, decisions: [] }))[0]).toBe("failed: no");
  });

  test("and was never seen is held back by a guard that blocks by now", async () => {
    const world = { guard: () => ({ kind: "block", guard: "market-hours", reason: "closed" }) as const };
    expect(await given(world, resumed)).toEqual(["blocked: market-hours: closed", [`ask ${KEY}`]]);
  });

  test("is open when asking breaks", async () => {
    const connector = notedConnector(undefined, fails);
    const [told] = await given(through(connector), resumed);
    expect([told, connector.told]).toEqual(["unclear: the connector could not be asked: it broke", [`ask ${KEY}`]]);
  });

  test.each<readonly [string, Partial<DispatchWorld>, object]>([
    ["its connector is gone", { connectors: new Map() }, {}],
    ["its draft is gone", {}, { content: OTHER }],
    ["its draft is another", {}, { digest: OTHER }],
    ["the store breaks", { store: { artifact: fails } }, {}],
  ])("is never said not to have been sent because %s", async (_, world, changes) => {
    const [told, asked] = await given(world, { ...resumed, ...changes });
    expect(told).toMatch(/^unclear: whether it was sent cannot be asked: /);
    expect(asked).toEqual([]);
  });
});

describe("params that no machine asks with", () => {
  test.each([
    ["another member", { also: 1 }],
    ["no number", { draft: 0 }],
    ["no hash", { digest: "AB" }],
    ["no run", { run: "x" }],
    ["another run than the one that asks", { run: RUN.replace("1", "2") }],
    ["a word where a yes belongs", { resumed: "no" }],
  ])("are refused whole: %s", async (_, changes) => {
    const { connector, perform } = dispatchGiven({}, changes);
    await expect(perform()).rejects.toThrow(/invalid|unrecognized|too small|expected|sends its own/i);
    expect(connector.told).toEqual([]);
  });
});
