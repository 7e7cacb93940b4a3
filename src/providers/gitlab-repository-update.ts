/**
 * The system hook that tells of all refs of a push at once. Push hooks tell of the same ones by one, so its subjects
 * are its own.
 */
import type { Facts } from "../core/delivery.ts";
import { subjectOf, type FactReader } from "./facts.ts";
import { movedRefs, type MovedRefsPlaces } from "./moved-refs.ts";
import type { Payload } from "./payload.ts";

const places: MovedRefsPlaces = {
  changes: "/changes",
  ref: ["/ref"],
  before: "/before",
  after: "/after",
  created: null,
  deleted: null,
  forced: null,
  mayBeTagObject: (ref) => ref.startsWith("refs/tags/"),
};

type Found = Pick<Facts, "ref" | "commit_sha" | "subject_key" | "order">;

export function repositoryUpdate(payload: Payload, read: FactReader): Found {
  const moved = movedRefs(payload, places, null);
  const scope = read.named("/project/path_with_namespace", "/project_id");
  return { ...moved, subject_key: subjectOf("gitlab", scope, "repository_update", moved.ref) };
}
