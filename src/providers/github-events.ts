/**
 * Where the facts of GitHub's events stand (docs.github.com/webhooks/webhook-events-and-payloads). An event that is not here is read
 * by `objectNamed`: its object, if it has one, is the member that bears the event's name.
 */
import type { EventPlaces, Place, Pointers } from "./event-places.ts";
import { fullCommit, nameable, type FactReader } from "./facts.ts";
import { orderByChangeOf, orderByStatus, orderByUpdate, orderOfPush } from "./github-order.ts";

const EVENT_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Within what numbers are given and refs have their names. */
const OWNER: Pointers = ["/repository/full_name", "/organization/login"];
const ORGANIZATION: Pointers = ["/organization/login"];

/** What is in every payload, as far as it applies. */
const by = {
  actor: ["/sender/login"],
  project: [...OWNER, "/installation/account/login", "/installation/id"],
} as const satisfies EventPlaces;

/** An object with a number of its own is known by that, any other by its id. */
const objectNamed = (member: string, subject = member): EventPlaces => ({
  ...by,
  external_id: [`/${member}/id`, `/${member}/number`],
  subjects: [[OWNER, subject, [`/${member}/number`, `/${member}/id`]]],
  order: orderByUpdate(member),
});

/** An id is the whole of GitHub's: it stays when a repository or an organization is renamed. */
const objectOfGitHub = (member: string, id = "id"): EventPlaces => ({
  ...by,
  external_id: [`/${member}/${id}`],
  subjects: [[member, [`/${member}/${id}`]]],
  order: orderByUpdate(member),
});

/** What stands at `member` belongs to the commit and the branch that it names, and is known by its id. */
const builtFrom = (member: string, ref: string, sha: string): EventPlaces => ({
  ...by,
  external_id: [`/${member}/id`],
  ref: [`/${member}/${ref}`],
  commit: [`/${member}/${sha}`],
  subjects: [[OWNER, member, [`/${member}/id`]]],
});

/** `merge_commit_sha` is no anchor: until the merge it is a trial that GitHub makes anew at will. */
const pull: EventPlaces = {
  ...by,
  external_id: ["/pull_request/id"],
  ref: ["/pull_request/head/ref"],
  commit: ["/pull_request/head/sha"],
  subjects: [[OWNER, "pull", ["/pull_request/number"]]],
  order: orderByUpdate("pull_request"),
};

/** A review and its comments are about the commit that was looked at, which need not be the head any more. */
const reviewOf = (member: "review" | "comment"): EventPlaces => ({
  ...pull,
  external_id: [`/${member}/id`],
  commit: (read) => fullCommit(read.named(`/${member}/commit_id`)) ?? fullCommit(read.named("/pull_request/head/sha")),
  order: orderByChangeOf("pull_request"),
});

/** A comment on a pull request comes as one on an issue, and says so by a link alone. It brings no hash. */
const numberOfPull: Place = (read) => read.named("/issue/pull_request/url") && read.named("/issue/number");

/** A second attempt keeps the run's id, and is behind the whole of the first. */
const workflowRun: EventPlaces = {
  ...builtFrom("workflow_run", "head_branch", "head_sha"),
  external_id: (read) => {
    const [run, attempt] = [read.named("/workflow_run/id"), read.named("/workflow_run/run_attempt")];
    return run === null || attempt === null ? run : nameable(`${run}:${attempt}`);
  },
  order: orderByStatus("/workflow_run/status", "/workflow_run/run_attempt", "/workflow_run/updated_at"),
};

const deployment: EventPlaces = {
  ...builtFrom("deployment", "ref", "sha"),
  order: orderByUpdate("deployment"),
};

/** `after` of an annotated tag is the tag object, and `head_commit` its commit; a branch points to nothing but commits. */
function pushedCommit(read: FactReader): string | null {
  const head = fullCommit(read.named("/head_commit/id"));
  if (head !== null) return head;
  return read.named("/ref")?.startsWith("refs/heads/") === true ? fullCommit(read.named("/after")) : null;
}

/** These two write a ref's short name; a push writes the full one. One ref is one subject. They bring no hash. */
const refNamed: EventPlaces = { ...by, ref: ["/ref"], subjects: [[OWNER, fullRef]] };

function fullRef(read: FactReader): string | null {
  const [ref, type] = [read.named("/ref"), read.named("/ref_type")];
  if (ref === null) return null;
  if (type === "tag") return `refs/tags/${ref}`;
  return type === "branch" ? `refs/heads/${ref}` : null;
}

/** Every branch that holds the commit is listed: of several, none is the one. */
const soleBranch: Place = (read) => (read.named("/branches/1/name") === null ? read.named("/branches/0/name") : null);

const alert = (event: string): EventPlaces => objectNamed("alert", event);
const hook = objectNamed("hook");
const repository = objectOfGitHub("repository");
const installation = objectOfGitHub("installation");
const team: EventPlaces = { ...objectNamed("team"), subjects: [[ORGANIZATION, "team", ["/team/id"]]] };

const events: Readonly<Record<string, EventPlaces>> = {
  push: {
    ...by,
    actor: ["/pusher/name", "/sender/login"],
    ref: ["/ref"],
    commit: pushedCommit,
    subjects: [[OWNER, ["/ref"]]],
    order: orderOfPush,
  },
  create: refNamed,
  delete: refNamed,
  pull_request: pull,
  pull_request_review: reviewOf("review"),
  pull_request_review_comment: reviewOf("comment"),
  pull_request_review_thread: { ...pull, external_id: ["/thread/node_id"], order: orderByChangeOf("pull_request") },
  merge_group: {
    ...by,
    ref: ["/merge_group/head_ref"],
    commit: ["/merge_group/head_sha"],
    subjects: [[OWNER, ["/merge_group/head_ref"]]],
  },
  issues: objectNamed("issue"),
  issue_comment: {
    ...by,
    external_id: ["/comment/id"],
    subjects: [
      [OWNER, "pull", numberOfPull],
      [OWNER, "issue", ["/issue/number"]],
    ],
    order: orderByChangeOf("issue"),
  },
  discussion_comment: {
    ...objectNamed("discussion"),
    external_id: ["/comment/id"],
    order: orderByChangeOf("discussion"),
  },
  commit_comment: {
    ...by,
    external_id: ["/comment/id"],
    commit: ["/comment/commit_id"],
    subjects: [[OWNER, "commit", ["/comment/commit_id"]]],
    order: orderByChangeOf("comment"),
  },
  check_run: {
    ...builtFrom("check_run", "check_suite/head_branch", "head_sha"),
    order: orderByStatus("/check_run/status", "/check_run/started_at", "/check_run/completed_at"),
  },
  check_suite: {
    ...builtFrom("check_suite", "head_branch", "head_sha"),
    order: orderByStatus("/check_suite/status", "/check_suite/updated_at"),
  },
  workflow_run: workflowRun,
  workflow_job: {
    ...builtFrom("workflow_job", "head_branch", "head_sha"),
    order: orderByStatus("/workflow_job/status", "/workflow_job/started_at", "/workflow_job/completed_at"),
  },
  workflow_dispatch: { ...by, ref: ["/ref"], subjects: [[OWNER, "workflow", ["/workflow"]]] },
  repository_dispatch: { ...by, ref: ["/branch"] },
  status: {
    ...by,
    external_id: ["/id"],
    ref: soleBranch,
    commit: ["/sha"],
    subjects: [[OWNER, "status", ["/sha"], ["/context"]]],
    order: orderByStatus("/state", "/updated_at"),
  },
  deployment,
  deployment_protection_rule: deployment,
  deployment_review: workflowRun,
  deployment_status: {
    ...deployment,
    external_id: ["/deployment_status/id"],
    order: orderByStatus("/deployment_status/state", "/deployment_status/updated_at"),
  },
  // A branch's name or a hash, as whoever made the release wrote it: never an anchor.
  release: { ...objectNamed("release"), ref: ["/release/target_commitish"] },
  page_build: {
    ...by,
    external_id: ["/id"],
    commit: ["/build/commit"],
    subjects: [[OWNER, "page_build", ["/id"]]],
    order: orderByChangeOf("build"),
  },
  // Both are empty where a person closed or reopened it.
  code_scanning_alert: { ...alert("code_scanning_alert"), ref: ["/ref"], commit: ["/commit_oid"] },
  dependabot_alert: alert("dependabot_alert"),
  secret_scanning_alert: alert("secret_scanning_alert"),
  secret_scanning_alert_location: { ...alert("secret_scanning_alert"), order: orderByChangeOf("alert") },
  // Its number came later than the event: older deliveries have the id alone.
  repository_vulnerability_alert: {
    ...alert("repository_vulnerability_alert"),
    subjects: [[OWNER, "repository_vulnerability_alert", ["/alert/id"]]],
  },
  security_advisory: objectOfGitHub("security_advisory", "ghsa_id"),
  repository_advisory: {
    ...objectOfGitHub("repository_advisory", "ghsa_id"),
    subjects: [[OWNER, "repository_advisory", ["/repository_advisory/ghsa_id"]]],
  },
  repository,
  public: repository,
  organization: objectOfGitHub("organization"),
  installation,
  installation_repositories: installation,
  sponsorship: objectOfGitHub("sponsorship", "node_id"),
  marketplace_purchase: { ...by, subjects: [["marketplace_purchase", ["/marketplace_purchase/account/id"]]] },
  team,
  team_add: team,
  membership: { ...by, subjects: [[ORGANIZATION, "membership", ["/team/id"], ["/member/id"]]] },
  org_block: objectNamed("blocked_user", "org_block"),
  fork: objectNamed("forkee", "fork"),
  deploy_key: objectNamed("key", "deploy_key"),
  branch_protection_rule: objectNamed("rule", "branch_protection_rule"),
  ping: hook,
  meta: hook,
};

/** The name is a header's, so unsigned: it chooses where to look, and the body says what is there. */
export function placesOf(event: string | null): EventPlaces {
  if (event === null) return by;
  const known = Object.hasOwn(events, event) ? events[event] : undefined;
  return known ?? (EVENT_NAME.test(event) ? objectNamed(event) : by);
}
