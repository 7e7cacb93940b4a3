/**
 * Where GitLab's events hold their facts, by `object_kind` or `event_name`:
 * docs.gitlab.com/user/project/integrations/webhook_events and docs.gitlab.com/administration/system_hooks.
 */
import { orderByChain, orderByTime, rankBy, type EventPlaces, type Pointers } from "./event-places.ts";
import { orderOfJob, orderOfPipeline, orderOfDeployment, rankOfMergeRequest } from "./gitlab-order.ts";

type GitlabEvent = EventPlaces & {
  /** What happened, or what state it has come to. */
  readonly action?: Pointers;
};

const ACTION = ["/object_attributes/action"];
const OBJECT_ID = ["/object_attributes/id"];
const OBJECT_IID = ["/object_attributes/iid"];
const UPDATED_AT = ["/object_attributes/updated_at"];
const USER = ["/user/username"];
const PROJECT = ["/project/path_with_namespace"];
/** Job events of older versions have the project's number only, which stays one project's. */
const SCOPE = [...PROJECT, "/project_id"];
const MEMBER_ID = ["/user_id"];
const GROUP_ID = ["/group_id"];

const by = { actor: USER, project: PROJECT } as const satisfies EventPlaces;

/** Between other events of one moment an opening comes first. */
const openedFirst = rankBy(ACTION, { open: 0, create: 0 }, 1);

/** What a comment or a reaction is about. */
const about: EventPlaces = {
  ...by,
  ref: ["/merge_request/source_branch"],
  commit: ["/merge_request/last_commit/id", "/commit/id"],
  subjects: [
    [SCOPE, "merge_request", ["/merge_request/iid"]],
    [SCOPE, "issue", ["/issue/iid"]],
    [SCOPE, "snippet", ["/snippet/id"]],
    [SCOPE, "commit", ["/commit/id"]],
  ],
};

const push: GitlabEvent = {
  actor: ["/user_username"],
  project: PROJECT,
  ref: ["/ref"],
  commit: ["/checkout_sha", "/after"],
  subjects: [[SCOPE, ["/ref"]]],
  order: orderByChain(["/before"], ["/after"]),
};

/** Issues and other work items are numbered together. */
const issue: GitlabEvent = {
  ...by,
  action: ACTION,
  external_id: OBJECT_ID,
  subjects: [[SCOPE, "issue", OBJECT_IID]],
  order: orderByTime(UPDATED_AT, openedFirst),
};

const REMOVED_LAST = {
  user_add_to_group: 0,
  user_add_to_team: 0,
  user_remove_from_group: 2,
  user_remove_from_team: 2,
};
/**
 * `user_username` is whom it happened to; who did it is not said. A removal has the time of the last change before it.
 */
const member: GitlabEvent = {
  project: ["/project_path_with_namespace"],
  subjects: [
    ["group", GROUP_ID, "member", MEMBER_ID],
    ["project", ["/project_id"], "member", MEMBER_ID],
  ],
  order: orderByTime(["/updated_at"], rankBy(["/event_name"], REMOVED_LAST, 1)),
};

/** These change the path, so the subject is the number. */
const project: GitlabEvent = {
  project: ["/path_with_namespace"],
  subjects: [["project", ["/project_id"]]],
  order: orderByTime(["/updated_at"], rankBy(["/event_name"], { project_create: 0, project_destroy: 2 }, 1)),
};

const group: GitlabEvent = {
  subjects: [["group", GROUP_ID]],
  order: orderByTime(
    ["/updated_at"],
    rankBy(["/event_name"], { group_create: 0, subgroup_create: 0, group_destroy: 2, subgroup_destroy: 2 }, 1),
  ),
};

const user: GitlabEvent = {
  subjects: [["user", ["/user_id"]]],
  order: orderByTime(["/updated_at"], rankBy(["/event_name"], { user_create: 0, user_destroy: 2 }, 1)),
};

const key: GitlabEvent = {
  external_id: ["/id"],
  subjects: [["key", ["/id"]]],
  order: orderByTime(["/updated_at"], rankBy(["/event_name"], { key_create: 0, key_destroy: 2 }, 1)),
};

const events: Readonly<Record<string, GitlabEvent>> = {
  push,
  // `after` of an annotated tag is the tag object; only `checkout_sha` is a commit.
  tag_push: { ...push, commit: ["/checkout_sha"] },
  merge_request: {
    ...by,
    action: ACTION,
    external_id: OBJECT_ID,
    ref: ["/object_attributes/source_branch"],
    commit: ["/object_attributes/last_commit/id"],
    subjects: [[SCOPE, "merge_request", OBJECT_IID]],
    order: orderByTime(UPDATED_AT, rankOfMergeRequest),
  },
  issue,
  work_item: issue,
  note: { ...about, action: ACTION, external_id: OBJECT_ID, order: orderByTime(UPDATED_AT, rankOfMergeRequest) },
  // A reaction that is taken back still has the time at which it was given, so its times order nothing.
  emoji: { ...about, action: ACTION, external_id: OBJECT_ID },
  pipeline: {
    ...by,
    action: ["/object_attributes/status"],
    external_id: OBJECT_ID,
    ref: ["/object_attributes/ref"],
    commit: ["/object_attributes/sha"],
    subjects: [[SCOPE, "pipeline", OBJECT_ID]],
    order: orderOfPipeline,
  },
  build: {
    ...by,
    action: ["/build_status"],
    external_id: ["/build_id"],
    ref: ["/ref"],
    commit: ["/sha"],
    subjects: [[SCOPE, "build", ["/build_id"]]],
    order: orderOfJob,
  },
  // It has an abbreviated hash alone.
  deployment: {
    ...by,
    action: ["/status"],
    external_id: ["/deployment_id"],
    ref: ["/ref"],
    subjects: [[SCOPE, "deployment", ["/deployment_id"]]],
    order: orderOfDeployment,
  },
  release: {
    ...by,
    action: ["/action"],
    external_id: ["/id"],
    ref: ["/tag"],
    commit: ["/commit/id"],
    subjects: [[SCOPE, "release", ["/tag"]]],
    order: orderByTime(["/created_at"], rankBy(["/action"], { create: 0, delete: 2 }, 1)),
  },
  milestone: {
    ...by,
    action: ["/action"],
    external_id: OBJECT_ID,
    subjects: [[SCOPE, "milestone", OBJECT_IID]],
    order: orderByTime(UPDATED_AT, rankBy(["/action"], { create: 0, delete: 2 }, 1)),
  },
  wiki_page: { ...by, action: ACTION, subjects: [[SCOPE, "wiki_page", ["/object_attributes/slug"]]] },
  feature_flag: { ...by, external_id: OBJECT_ID, subjects: [[SCOPE, "feature_flag", OBJECT_ID]] },
  vulnerability: { ...by, action: ["/object_attributes/state"] },
  access_token: {
    ...by,
    action: ["/event_name"],
    external_id: OBJECT_ID,
    subjects: [
      [SCOPE, "access_token", OBJECT_ID],
      ["group", ["/group/group_id"], "access_token", OBJECT_ID],
    ],
  },

  user_add_to_group: member,
  user_update_for_group: member,
  user_remove_from_group: member,
  user_access_request_to_group: member,
  user_access_request_denied_for_group: member,
  user_access_request_revoked_for_group: member,
  user_add_to_team: member,
  user_update_for_team: member,
  user_remove_from_team: member,
  user_access_request_to_project: member,
  user_access_request_revoked_for_project: member,
  project_create: project,
  project_update: project,
  project_rename: project,
  project_transfer: project,
  project_destroy: project,
  group_create: group,
  group_rename: group,
  group_destroy: group,
  subgroup_create: group,
  subgroup_destroy: group,
  user_create: user,
  user_rename: user,
  user_destroy: user,
  user_failed_login: user,
  key_create: key,
  key_destroy: key,
};

/**
 * Of an event that is not in the table: what has one place in all that are. A hash in an unknown place is no anchor.
 */
const unknown: GitlabEvent = {
  ...by,
  action: [...ACTION, "/action"],
  external_id: OBJECT_ID,
  ref: ["/ref", "/object_attributes/ref"],
};

export const placesOf = (kind: string | null): GitlabEvent =>
  (kind !== null && Object.hasOwn(events, kind) ? events[kind] : undefined) ?? unknown;
