import { describe, expect, test } from "vitest";
import { settleApprovers } from "../../../src/approval/approvers.ts";
import { verifyDecision } from "../../../src/approval/decision.ts";
import { DESK, endorsed, type Person, person, signedBy } from "../../support/approval-words.ts";
import { cancel } from "../../support/delivery-words.ts";
import { decisionWorld, fileOf, orderText } from "./decision-world.ts";

const [alice, bob, mallory] = [person("alice"), person("bob"), person("mallory")];
type World = ReturnType<typeof decisionWorld>;

/** As the command line posts it. */
function approval(
  world: World,
  by: Person,
  changes: { readonly draft?: number; readonly decision?: "approve" | "reject"; readonly reason?: string } = {},
) {
  const { draft = 1, decision = "approve", reason = decision === "reject" ? "too large" : "" } = changes;
  const said = { draft, decision, digest: world.digest(draft), reason };
  return { ...said, signed: Buffer.from(signedBy(by, said)).toString("base64") };
}

describe("the drafts of a run", () => {
  test("are shown with what would be sent now, and what was proposed", async () => {
    const world = decisionWorld({ people: [alice], drafts: 2 });
    const proposed = world.digest(1);
    world.files.set(fileOf(1), orderText("NVDA", "5"));
    const { status, body } = await world.drafts();
    expect([status, body.schema, body.state]).toEqual([200, "qoc.runs.drafts/1", "awaiting-approval.asking"]);
    expect(body.items[0]).toEqual({
      draft: 1,
      state: "open",
      file: fileOf(1),
      digest: world.digest(1),
      digest_proposed: proposed,
      changed: true,
      says: "buy 5 NVDA at market, day, through paper",
      fields: [["quantity", "as written"]],
      limits: ["at most 5 % of NAV"],
      reason: null,
      approved_by: [],
      decision: null,
    });
    expect(body.items[1]).toMatchObject({ draft: 2, changed: false });
    expect(body.asked_by).toEqual({ run: world.run, webhook: "risk", task: "risk-review" });
    expect(body.approval).toEqual({ require: "signed", approvers: 1, keys: [alice.key.fingerprint] });
    expect(Date.parse(body.expires_at)).toBeGreaterThan(0);
  });

  test("say of a decided one who decided, why, and what it was, whatever became of its file's place", async () => {
    const world = decisionWorld({ people: [alice], drafts: 2 });
    await world.decide(approval(world, alice, { draft: 2, decision: "reject" }));
    const { body } = await world.drafts();
    expect(body.items[0]).toMatchObject({ state: "open", decision: null });
    expect(body.items[1]).toMatchObject({
      state: "rejected",
      decision: { approved: false, by: "alice", reason: "too large" },
      says: "buy 101 NVDA at market, day, through paper",
      limits: [],
    });
  });

  test("say why one cannot be sent", async () => {
    const world = decisionWorld({ people: [alice] });
    world.files.set(fileOf(1), "[order]\nsymbol = 1\n");
    const { body } = await world.drafts();
    expect(body.items[0]).toMatchObject({ digest: null, changed: true, says: null });
    expect(body.items[0].reason).toContain("symbol");
  });

  test("are not changed by how a file is laid out", async () => {
    const world = decisionWorld({ people: [alice] });
    world.files.set(fileOf(1), `# a comment\n${orderText()}`);
    expect((await world.drafts()).body.items[0]).toMatchObject({ changed: false, state: "open" });
  });
});

describe("an approval", () => {
  test("counts, with the draft's bytes and the signature as artifacts of the run", async () => {
    const world = decisionWorld({ people: [alice] });
    const { status, body } = await world.decide(approval(world, alice));
    expect([status, body]).toEqual([
      200,
      {
        schema: "qoc.runs.decision/1",
        run: world.run,
        draft: 1,
        decision: "approve",
        approver: "alice",
        digest: world.digest(),
        state: "dispatching",
        says: "Draft 1 is approved; the run is dispatching.",
      },
    ]);
    const [mail] = world.posted;
    expect(mail?.by).toBe("operator");
    expect(mail?.artifacts.map(({ ref }) => ref.kind)).toEqual(["draft", "decision"]);
    expect(Buffer.from(mail?.artifacts[0]?.bytes ?? []).toString()).toBe(orderText());
    expect(verifyDecision(mail?.artifacts[1]?.bytes ?? new Uint8Array(), alice.key).kind).toBe("verified");
  });

  test("of one of two leaves the other open", async () => {
    const world = decisionWorld({ people: [alice], drafts: 2 });
    expect((await world.decide(approval(world, alice, { draft: 2 }))).body.says).toBe(
      "Draft 2 is approved; others of this run are still open.",
    );
    expect((await world.drafts()).body.items.map(({ state }: { state: string }) => state)).toEqual([
      "open",
      "approved",
    ]);
    const { body } = await world.decide(approval(world, alice, { decision: "reject" }));
    expect(body).toMatchObject({ state: "dispatching", says: "Draft 1 is rejected; the run is dispatching." });
  });

  test("that nobody signed counts where the run takes such, and says that nobody signed", async () => {
    const world = decisionWorld({ policy: { require: "local" } });
    const { body } = await world.decide({ draft: 1, decision: "approve", digest: world.digest() });
    expect(body).toMatchObject({ approver: null, state: "dispatching" });
    expect(world.posted[0]?.artifacts.map(({ ref }) => ref.kind)).toEqual(["draft"]);
  });

  test("by two needs two: the first counts and waits, the same again is told so, the second sends", async () => {
    const world = decisionWorld({ people: [alice, bob], policy: { approvers: 2 } });
    expect((await world.decide(approval(world, alice))).body.says).toBe(
      "The approval of draft 1 counts; another approver is wanted.",
    );
    expect((await world.drafts()).body.items[0]).toMatchObject({ state: "open", approved_by: ["alice"] });
    const again = await world.decide(approval(world, alice));
    expect([again.status, again.body.code]).toEqual([409, "NOT_NOW"]);
    expect(again.body.detail).toBe("alice has approved draft 1 before: another approver is wanted");
    expect((await world.decide(approval(world, bob))).body).toMatchObject({ approver: "bob", state: "dispatching" });
  });

  test("by two is by two of the same thing: an edit between them begins anew", async () => {
    const world = decisionWorld({ people: [alice, bob], policy: { approvers: 2 } });
    await world.decide(approval(world, alice));
    world.files.set(fileOf(1), orderText("NVDA", "9999"));
    expect((await world.decide(approval(world, bob))).body.says).toContain("another approver is wanted");
    expect((await world.drafts()).body.items[0]).toMatchObject({ approved_by: ["bob"] });
    expect(world.state()).toContain("awaiting-approval");
  });
});

describe("an approval does not count", () => {
  const refusalOf = async (world: World, body: object, headers?: Record<string, string>) => {
    const answer = await world.decide(body, headers);
    expect(world.posted).toEqual([]);
    expect(world.state()).toContain("awaiting-approval");
    return [answer.status, answer.body.code, answer.body.detail];
  };

  test("from the same user over the control socket without a key", async () => {
    const world = decisionWorld({ people: [alice] });
    const bare = { draft: 1, decision: "approve", digest: world.digest() };
    expect(await refusalOf(world, bare)).toEqual([
      403,
      "APPROVAL_REFUSED",
      expect.stringContaining("only decisions that an approver signed"),
    ]);
  });
  test("by a run's token, whatever it carries", async () => {
    const world = decisionWorld({ people: [alice] });
    const headers = { authorization: "Bearer qoc_run_0000" };
    expect(await refusalOf(world, approval(world, alice), headers)).toEqual([403, "RUN_TOKEN", expect.any(String)]);
    expect((await world.ask("GET", `/api/runs/${world.run}/drafts`, undefined, headers)).status).toBe(403);
    expect((await world.ask("GET", "/api/approvers", undefined, headers)).status).toBe(403);
  });
  test("by whoever would change whom the daemon trusts: no call does that", async () => {
    const world = decisionWorld({ people: [alice] });
    const to = { workspace: DESK, root: mallory.key.fingerprint };
    expect((await world.ask("POST", "/api/approvers/reset", to)).status).toBe(404);
    expect((await world.ask("POST", "/api/approvers", to)).status).toBe(404);
  });
  test("by a key of one's own", async () => {
    const world = decisionWorld({ people: [alice] });
    expect(await refusalOf(world, approval(world, mallory))).toEqual([
      403,
      "APPROVAL_REFUSED",
      expect.stringContaining("no approver"),
    ]);
  });
  test("by a key that came while the agent ran, although an approver endorsed it", async () => {
    const world = decisionWorld({ people: [alice] });
    world.trust(settleApprovers([endorsed(alice, alice), endorsed(bob, alice)], DESK, alice.key.fingerprint));
    expect(await refusalOf(world, approval(world, bob))).toEqual([
      403,
      "APPROVAL_REFUSED",
      expect.stringContaining("when this run began"),
    ]);
  });
  test("by anyone while the first approver was swapped", async () => {
    const world = decisionWorld({ people: [alice] });
    world.trust(settleApprovers([endorsed(mallory, mallory)], DESK, alice.key.fingerprint));
    expect(await refusalOf(world, approval(world, alice))).toEqual([
      403,
      "APPROVAL_REFUSED",
      expect.stringContaining("qoc approver reset"),
    ]);
  });
  test("of a draft that was edited since it was signed", async () => {
    const world = decisionWorld({ people: [alice] });
    const body = approval(world, alice);
    world.files.set(fileOf(1), orderText("NVDA", "100000"));
    expect(await refusalOf(world, body)).toEqual([409, "DRAFT_CHANGED", expect.any(String)]);
    const forced = { ...body, digest: world.digest() };
    expect(await refusalOf(world, forced)).toEqual([
      403,
      "APPROVAL_REFUSED",
      expect.stringContaining("another digest"),
    ]);
  });
  test("of a draft whose file is gone", async () => {
    const world = decisionWorld({ people: [alice] });
    const body = approval(world, alice);
    world.files.delete(fileOf(1));
    expect(await refusalOf(world, body)).toEqual([409, "DRAFT_CHANGED", expect.stringContaining("it is gone")]);
  });
  test("of a draft that is none", async () => {
    const world = decisionWorld({ people: [alice] });
    expect(await refusalOf(world, { ...approval(world, alice), draft: 2 })).toEqual([
      404,
      "DRAFT_UNKNOWN",
      expect.any(String),
    ]);
  });
  test.each([
    ["without a digest", { draft: 1, decision: "approve" }],
    ["with a digest cut short", { draft: 1, decision: "approve", digest: "1234" }],
    ["with a signature in another alphabet", { draft: 1, decision: "approve", digest: "1".repeat(64), signed: "_-_-" }],
    ["with a member more", { draft: 1, decision: "approve", digest: "1".repeat(64), force: true }],
    ["that rejects without a reason", { draft: 1, decision: "reject", digest: "1".repeat(64), reason: " " }],
  ])("%s", async (_says, body) => {
    expect((await refusalOf(decisionWorld({ people: [alice] }), body))[1]).toBe("REQUEST_MALFORMED");
  });
});

describe("a rejection", () => {
  test("of a draft that cannot be read any more is taken as of what was proposed", async () => {
    const world = decisionWorld({ people: [alice] });
    const body = approval(world, alice, { decision: "reject" });
    world.files.set(fileOf(1), "not TOML");
    expect((await world.decide(body)).body).toMatchObject({
      approver: "alice",
      says: expect.stringContaining("rejected"),
    });
    expect(world.posted[0]?.artifacts.map(({ ref }) => ref.kind)).toEqual(["decision"]);
  });
  test("of one that cannot be read is taken as of what is shown, also when another digest was approved before", async () => {
    const world = decisionWorld({ people: [alice, bob], policy: { approvers: 2 } });
    const { digest_proposed } = (await world.drafts()).body.items[0];
    world.files.set(fileOf(1), orderText("NVDA", "5"));
    expect((await world.decide(approval(world, alice))).status).toBe(200);
    world.files.set(fileOf(1), "not TOML");
    expect((await world.drafts()).body.items[0]).toMatchObject({ state: "open", digest: null, digest_proposed });
    const said = { draft: 1, decision: "reject", digest: String(digest_proposed), reason: "broken" } as const;
    const signed = Buffer.from(signedBy(bob, said)).toString("base64");
    expect((await world.decide({ ...said, signed })).body).toMatchObject({ approver: "bob", decision: "reject" });
  });
  test("has to be signed too", async () => {
    const world = decisionWorld({ people: [alice] });
    const answer = await world.decide({ draft: 1, decision: "reject", digest: world.digest(), reason: "no" });
    expect(answer.status).toBe(403);
  });
});

describe("of two that are on their way, one wins and the other is told by what", () => {
  const rival = (world: World, by: Person, decision: "approve" | "reject") => {
    const body = approval(world, by, { decision });
    const { draft, digest, reason } = body;
    const { signed: _signed } = body;
    return {
      type: "DECIDED",
      draft,
      approved: decision === "approve",
      digest,
      content: digest,
      approver: by.name,
      reason,
      step: null,
      artifacts: [],
    };
  };
  const raced = async (act: (world: World) => void, decision: "approve" | "reject" = "approve") => {
    const world = decisionWorld({ people: [alice, bob] });
    const body = approval(world, alice, { decision });
    world.justBefore(() => act(world));
    const { status, body: answer } = await world.decide(body);
    return [status, answer.code, answer.detail];
  };

  test("approve against reject", async () => {
    expect(await raced((world) => world.hear(rival(world, bob, "reject")))).toEqual([
      409,
      "NOT_NOW",
      "draft 1 was rejected before, by bob",
    ]);
  });
  test("reject against approve", async () => {
    expect(await raced((world) => world.hear(rival(world, bob, "approve")), "reject")).toEqual([
      409,
      "NOT_NOW",
      "draft 1 was approved before, by bob",
    ]);
  });
  test("approve against expiry", async () => {
    expect(await raced((world) => world.hear({ type: "after approvalTimeout" }))).toEqual([
      409,
      "NOT_NOW",
      "the time to decide draft 1 is over: it expired",
    ]);
  });
  test("approve against cancel", async () => {
    const [status, code, detail] = await raced((world) => world.hear(cancel));
    expect([status, code]).toEqual([409, "NOT_NOW"]);
    expect(detail).toContain("was cancelled");
  });
  test("approve against a run that is set aside: the approver hears that it may count later", async () => {
    expect(await raced((world) => world.park("a guard failed"))).toEqual([
      409,
      "NOT_NOW",
      expect.stringContaining("the decision is kept, and is taken in when a person resumes it: a guard failed"),
    ]);
  });
  test("approve against edit: what was judged is sent, whatever the file says by then", async () => {
    const world = decisionWorld({ people: [alice] });
    const body = approval(world, alice);
    world.justBefore(() => world.files.set(fileOf(1), orderText("NVDA", "100000")));
    expect((await world.decide(body)).status).toBe(200);
    expect(Buffer.from(world.posted[0]?.artifacts[0]?.bytes ?? []).toString()).toBe(orderText());
    expect(world.posted[0]?.events[0]).toMatchObject({ digest: body.digest });
  });
  test("and whoever comes when all is over is told the same", async () => {
    const world = decisionWorld({ people: [alice] });
    const body = approval(world, alice);
    await world.decide(body);
    const { status, body: answer } = await world.decide(body);
    expect([status, answer.detail]).toEqual([409, "draft 1 was approved before, by alice"]);
    expect(world.posted).toHaveLength(1);
  });
});
