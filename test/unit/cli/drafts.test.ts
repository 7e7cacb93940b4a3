import { expect, test } from "vitest";
import type { Api } from "../../../src/cli/client.ts";
import { type DraftsAnswer, draftsOf, inWords } from "../../../src/cli/drafts.ts";

const RUN = "00000000-0000-8000-8000-000000000001";
const OTHER = "00000000-0000-8000-8000-000000000002";
const item = {
  draft: 1,
  state: "open",
  file: "orders/proposed/x.toml",
  digest: "d",
  digest_proposed: "d",
  changed: false,
  says: "buy",
  fields: [],
  limits: [],
  reason: null,
  approved_by: [],
  decision: null,
};
/** Whatever is asked, it gives the drafts of `run`, and says that they are of `asked_by`. */
const answering = (run: string, asked_by = run): DraftsAnswer => ({
  run,
  workspace: "desk",
  state: "awaiting-approval.asked",
  asked_by: { run: asked_by, webhook: "risk", task: null },
  approval: null,
  expires_at: null,
  items: [item],
});
const apiOf = (body: DraftsAnswer): Api => ({
  live: true,
  ask: () => Promise.resolve({ status: 200, body }),
  text: () => Promise.resolve(""),
  events: async function* () {},
  close: () => Promise.resolve(),
});

test.each([RUN, RUN.slice(0, 8), RUN.slice(-4), "@needs-me"])("the drafts of %s are those of its run", async (name) => {
  expect((await draftsOf(apiOf(answering(RUN)), name)).run).toBe(RUN);
});

test("a daemon that gives the drafts of another run than the one that was named is not believed", async () => {
  await expect(draftsOf(apiOf(answering(OTHER)), RUN)).rejects.toMatchObject({ failure: { code: "RUN_DIFFERS" } });
});

test("a person is shown the run that the signature will name", () => {
  expect(inWords(answering(OTHER, RUN), item)).toContain(`the agent of run ${OTHER}`);
});
