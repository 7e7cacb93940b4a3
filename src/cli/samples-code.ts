/** Sample deliveries of the senders that keep code. */
import { COMMIT, COMMIT_BEFORE, isoTime, JSON_TYPE, type Sample, uuid } from "./sample.ts";

export const github: Sample = {
  content_type: JSON_TYPE,
  event: "push",
  event_header: "x-github-event",
  id_header: "x-github-delivery",
  new_id: uuid,
  headers: {},
  body: ({ now }) =>
    JSON.stringify({
      ref: "refs/heads/main",
      before: COMMIT_BEFORE,
      after: COMMIT,
      created: false,
      deleted: false,
      forced: false,
      repository: { id: 4107, name: "desk-tools", full_name: "quill-and-co/desk-tools" },
      pusher: { name: "ada-l" },
      sender: { login: "ada-l", id: 311 },
      head_commit: { id: COMMIT, message: "Rounds prices to ticks", timestamp: isoTime(now) },
    }),
};

export const gitlab: Sample = {
  content_type: JSON_TYPE,
  event: "Merge Request Hook",
  event_header: "x-gitlab-event",
  id_header: "idempotency-key",
  new_id: uuid,
  headers: {},
  body: ({ now }) =>
    JSON.stringify({
      object_kind: "merge_request",
      user: { id: 52, username: "grace.h" },
      project: { id: 77, path_with_namespace: "quill/desk-tools" },
      object_attributes: {
        id: 9120,
        iid: 14,
        action: "open",
        state: "opened",
        title: "Rounds prices to ticks",
        source_branch: "ticks",
        target_branch: "main",
        updated_at: isoTime(now),
        last_commit: { id: COMMIT },
      },
    }),
};

export const bitbucket: Sample = {
  content_type: JSON_TYPE,
  event: "repo:push",
  event_header: "x-event-key",
  id_header: "x-request-uuid",
  new_id: uuid,
  headers: { "x-attempt-number": "1" },
  body: () =>
    JSON.stringify({
      actor: { nickname: "ada-l", account_id: "557058:4107" },
      repository: { full_name: "quill/desk-tools", uuid: "{6d1c3a52-0b41-4c1e-9a52-7f0a0e2b9c11}" },
      push: {
        changes: [
          {
            old: { type: "branch", name: "main", target: { hash: COMMIT_BEFORE } },
            new: { type: "branch", name: "main", target: { hash: COMMIT } },
            created: false,
            closed: false,
            forced: false,
          },
        ],
      },
    }),
};

export const bitbucketServer: Sample = {
  content_type: JSON_TYPE,
  event: "repo:refs_changed",
  event_header: "x-event-key",
  id_header: "x-request-id",
  new_id: uuid,
  headers: {},
  body: ({ event, now }) =>
    JSON.stringify({
      eventKey: event,
      date: isoTime(now).replace(/\.\d{3}Z$/, "+0000"),
      actor: { name: "ada" },
      repository: { slug: "desk-tools", project: { key: "QUILL" } },
      changes: [
        {
          ref: { id: "refs/heads/main", displayId: "main", type: "BRANCH" },
          refId: "refs/heads/main",
          fromHash: COMMIT_BEFORE,
          toHash: COMMIT,
          type: "UPDATE",
        },
      ],
    }),
};
