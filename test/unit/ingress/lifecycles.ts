/** What senders say in the course of one thing's life, each in the order that it happened. */
import type { ProviderName } from "../../../src/providers/index.ts";
import type { Sent } from "../../support/preset-sender.ts";

export type Lifecycle = {
  readonly provider: ProviderName;
  readonly sent: readonly Sent[];
  /** How the first stands when nothing came before it: what begins with it is in order, what had a past is not known. */
  readonly first: "in_order" | "unknown";
  readonly anchored: boolean;
};

const sha = (n: number): string => `${n}`.padStart(40, "c");
const ZERO = "0".repeat(40);
const second = (n: number): string => `2026-07-05T13:45:${String(10 + n).padStart(2, "0")}Z`;
const json = (value: unknown): string => JSON.stringify(value);
const repository = { full_name: "octo/desk" };

const github = (event: string, n: number, body: object): Sent => ({
  headers: { "x-github-event": event, "x-github-delivery": `00000000-0000-4000-8000-00000000000${n}` },
  body: json(body),
});

const pushes = (first: string, at: (n: number) => object): readonly Sent[] =>
  [0, 1, 2, 3, 4].map((n) =>
    github("push", n, {
      ref: "refs/heads/main",
      before: n === 0 ? first : sha(n - 1),
      after: sha(n),
      forced: false,
      repository: { ...repository, ...at(n) },
    }),
  );

const ACTIONS = ["opened", "synchronize", "labeled", "closed"];
const pullRequest = ACTIONS.map((action, n) =>
  github("pull_request", n, {
    action,
    number: 7,
    pull_request: { id: 70, number: 7, updated_at: second(n), head: { ref: "fix", sha: sha(n === 0 ? 0 : 1) } },
    repository,
  }),
);

const gitlab = (n: number, body: object): Sent => ({
  headers: { "webhook-id": `msg_${n}`, "x-gitlab-event": "Hook" },
  body: json(body),
});
const project = { path_with_namespace: "octo/desk" };
const gitlabPushes = [0, 1, 2, 3].map((n) =>
  gitlab(n, {
    object_kind: "push",
    event_name: "push",
    ref: "refs/heads/main",
    before: n === 0 ? ZERO : sha(n - 1),
    after: sha(n),
    checkout_sha: sha(n),
    project,
  }),
);
const pipeline = ["pending", "running", "success"].map((status, n) =>
  gitlab(n, {
    object_kind: "pipeline",
    object_attributes: {
      id: 31,
      ref: "main",
      sha: sha(1),
      status,
      created_at: second(0),
      finished_at: status === "success" ? second(9) : null,
    },
    project,
  }),
);

const incident = ["triggered", "acknowledged", "priority_updated", "resolved"].map((what, n): Sent => ({
  body: json({
    event: {
      id: `01EVENT${n}`,
      event_type: `incident.${what}`,
      resource_type: "incident",
      occurred_at: second(n),
      data: { id: "PINC1", type: "incident", service: { id: "PSVC" } },
    },
  }),
}));

export const lifecycles: readonly (readonly [name: string, life: Lifecycle])[] = [
  ["pushes to a new branch", { provider: "github", sent: pushes(ZERO, () => ({})), first: "in_order", anchored: true }],
  [
    "pushes to a branch that was there",
    { provider: "github", sent: pushes(sha(9), () => ({})), first: "unknown", anchored: true },
  ],
  [
    "pushes that say when they were made",
    {
      provider: "github",
      sent: pushes(sha(9), (n) => ({ pushed_at: 1_783_259_110 + n })),
      first: "unknown",
      anchored: true,
    },
  ],
  ["a pull request", { provider: "github", sent: pullRequest, first: "in_order", anchored: true }],
  ["pushes to GitLab", { provider: "gitlab", sent: gitlabPushes, first: "in_order", anchored: true }],
  ["a pipeline", { provider: "gitlab", sent: pipeline, first: "in_order", anchored: true }],
  ["an incident", { provider: "pagerduty", sent: incident, first: "in_order", anchored: false }],
];
