/** Bitbucket Cloud. support.atlassian.com/bitbucket-cloud/docs/event-payloads */
import type { Facts } from "../core/delivery.ts";
import { factsAt, orderByTime, rankBy, type EventPlaces } from "./event-places.ts";
import { factReader, factsOf, idOf, subjectOf, type FactReader } from "./facts.ts";
import { movedRefs, type MovedRefsPlaces } from "./moved-refs.ts";
import type { Payload } from "./payload.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody } from "./scheme.ts";

const SIGNATURE_HEADER = "x-hub-signature";

export const bitbucket: Provider = {
  name: "bitbucket",
  schemes: [hmacOfBody(SIGNATURE_HEADER, "sha256=")],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    "x-event-key",
    "x-event-time",
    "x-request-uuid",
    "x-hook-uuid",
    "x-attempt-number",
    SIGNATURE_HEADER,
  ],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize,
};

const PROJECT = ["/repository/full_name"];

/**
 * The event's name stands in an unsigned header alone, so facts are read by what the signed body holds, whatever that
 * name is. A pull request's hash has 12 characters: it is looked at, and never an anchor while it is abbreviated.
 */
const places: EventPlaces = {
  // A team has neither an account nor a nickname.
  actor: ["/actor/account_id", "/actor/nickname", "/actor/username", "/actor/uuid"],
  project: PROJECT,
  ref: ["/pullrequest/source/branch/name", "/commit_status/refname"],
  commit: ["/pullrequest/source/commit/hash", "/commit_status/commit/hash", "/commit/hash"],
  subjects: [
    [PROJECT, "pullrequest", ["/pullrequest/id"]],
    [PROJECT, "commit_status", ["/commit_status/commit/hash"], ["/commit_status/key"]],
    [PROJECT, "issue", ["/issue/id"]],
    [PROJECT, "commit", ["/commit/hash"]],
  ],
  order: orderByTime(
    ["/pullrequest/updated_on", "/commit_status/updated_on", "/issue/updated_on", "/comment/updated_on"],
    rankBy(["/pullrequest/state", "/commit_status/state"], { OPEN: 0, INPROGRESS: 0 }, 1),
  ),
};

const pushPlaces: MovedRefsPlaces = {
  changes: "/push/changes",
  ref: ["/new/name", "/old/name"],
  before: "/old/target/hash",
  after: "/new/target/hash",
  created: "/created",
  deleted: "/closed",
  forced: "/forced",
  // The target of an annotated tag is the commit.
  mayBeTagObject: () => false,
};

function normalize(delivery: ReadDelivery): Facts {
  const read = factReader(delivery);
  return factsOf("bitbucket", delivery, {
    ...factsAt(places, "bitbucket", read),
    ...(delivery.payload.count(pushPlaces.changes) > 0 ? pushed(delivery.payload, read) : {}),
    event_type: read.header("x-event-key"),
    delivery_id: idOf(read.header("x-request-uuid")),
  });
}

/**
 * A push of several refs is about no one of them: it has no ref, no subject and no order, and a commit only if all refs
 * that are left point to the same. Names are short, so the subject says whether it is a branch or a tag. The dates in
 * it are the author's.
 */
function pushed(payload: Payload, read: FactReader): Pick<Facts, "ref" | "commit_sha" | "subject_key" | "order"> {
  const moved = movedRefs(payload, pushPlaces, null);
  const type = read.at("/push/changes/0/new/type", "/push/changes/0/old/type");
  return { ...moved, subject_key: subjectOf("bitbucket", read.at(...PROJECT), type, moved.ref) };
}
