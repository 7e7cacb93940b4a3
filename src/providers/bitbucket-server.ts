/** Bitbucket Data Center and Server. confluence.atlassian.com/bitbucketserver/event-payload-938025882.html */
import type { Facts } from "../core/delivery.ts";
import { factsAt, orderByTime, type EventPlaces } from "./event-places.ts";
import { factReader, factsOf, idOf, nameable, subjectOf, type FactReader } from "./facts.ts";
import { movedRefs, type MovedRefsPlaces } from "./moved-refs.ts";
import type { Payload } from "./payload.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody } from "./scheme.ts";

const NAME = "bitbucket-server";
const SIGNATURE_HEADER = "x-hub-signature";

export const bitbucketServer: Provider = {
  name: NAME,
  schemes: [hmacOfBody(SIGNATURE_HEADER, "sha256=")],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: ["content-type", "content-length", "user-agent", "x-event-key", "x-request-id", SIGNATURE_HEADER],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize,
};

/** The repository that an event belongs to; of a pull request the one it goes to. */
const REPOSITORIES = ["/repository", "/pullRequest/toRef/repository", "/new"];

function projectOf(read: FactReader): string | null {
  for (const repository of REPOSITORIES) {
    const [key, slug] = [read.at(`${repository}/project/key`), read.at(`${repository}/slug`)];
    if (key !== null && slug !== null) return nameable(`${key}/${slug}`);
  }
  // A project that was changed itself.
  return read.at("/new/key");
}

/** Counts the changes of a pull request, so it orders those of one second; comments and approvals do not count. */
function versionOf(read: FactReader): number {
  const version = read.named("/pullRequest/version") ?? "";
  return /^[0-9]{1,9}$/.test(version) ? Number(version) : 0;
}

/** `date` is the server's time of the event, to the second. */
const DATE = ["/date"];

const places: EventPlaces = {
  actor: ["/actor/name"],
  project: projectOf,
  ref: ["/pullRequest/fromRef/id"],
  commit: ["/pullRequest/fromRef/latestCommit", "/commit"],
  subjects: [
    [projectOf, "pull_request", ["/pullRequest/id"]],
    [projectOf, "commit", ["/commit"]],
  ],
  order: orderByTime(DATE, versionOf),
};

const changesPlaces: MovedRefsPlaces = {
  changes: "/changes",
  ref: ["/ref/id", "/refId"],
  before: "/fromHash",
  after: "/toHash",
  created: null,
  deleted: null,
  forced: null,
  // What the ref holds: of an annotated tag that is the tag object.
  mayBeTagObject: (ref) => ref.startsWith("refs/tags/"),
};

/** The event's name is in the signed body too, but for the test of a connection. */
function normalize(delivery: ReadDelivery): Facts {
  const read = factReader(delivery);
  return factsOf(NAME, delivery, {
    ...factsAt(places, NAME, read),
    ...(delivery.payload.count(changesPlaces.changes) > 0 ? refsChanged(delivery.payload, read) : {}),
    event_type: read.at("/eventKey") ?? read.header("x-event-key"),
    delivery_id: idOf(read.header("x-request-id")),
  });
}

/**
 * A push of several refs is about no one of them: it has no ref, no subject and no order, and a commit only if all refs
 * that are left point to the same. A mirror tells of the same push later: its subjects are its own.
 */
function refsChanged(payload: Payload, read: FactReader): Pick<Facts, "ref" | "commit_sha" | "subject_key" | "order"> {
  const moved = movedRefs(payload, changesPlaces, read.at(...DATE));
  const mirror = read.at("/mirrorServer/id");
  const series = mirror === null ? [] : ["mirror", mirror];
  return { ...moved, subject_key: subjectOf(NAME, projectOf(read), ...series, moved.ref) };
}
