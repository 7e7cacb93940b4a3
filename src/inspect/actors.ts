/** The actors that belong to a run: the delivery itself, its orders, what targets and people are told of it, and its subject. */
import { z } from "zod";
import {
  type Address,
  type RunId,
  machineOf,
  nameOf,
  noticeAddress,
  notificationAddress,
  orderAddress,
  runIdOf,
  subjectAddress,
} from "../core/ids.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";

type Read = (address: Address) => ActorRecord | undefined;

/** Of each kind; a run has a handful. */
export const PARTS_MAX = 200;

const Context = z.object({
  notified: z.number().catch(0),
  policy: z.object({ notify: z.array(z.string()).catch([]) }).catch({ notify: [] }),
});
const NOTHING = { notified: 0, policy: { notify: [] } };
const Snapshot = z.object({ context: Context.catch(NOTHING) }).catch({ context: NOTHING });

/** Records of what the run has begun beside itself, in the order of their kinds and numbers. */
export function partsOf(run: RunId, record: ActorRecord, read: Read): readonly ActorRecord[] {
  const { notified, policy } = Snapshot.parse(record.snapshot).context;
  return [
    ...numbered((n) => read(orderAddress(run, n))),
    ...numbered((n) => read(noticeAddress(run, n))),
    ...upTo(Math.min(notified, PARTS_MAX)).flatMap((n) =>
      policy.notify.flatMap((target) => read(notificationAddress(run, n, target)) ?? []),
    ),
  ];
}

const Recorded = z.object({ workspace: z.string(), webhook: z.string() });
const Normalized = z.object({ facts: z.object({ subject_key: z.string().min(1) }) });

/** Where the run's subject lives; undefined before its delivery is normalized, and for one that is about nothing. */
export function subjectOf(journal: readonly Entry[]): Address | undefined {
  const birth = Recorded.safeParse(journal[0]?.data).data;
  const facts = Normalized.safeParse(journal.find(({ event }) => event === "NORMALIZED")?.data).data?.facts;
  if (birth === undefined || facts === undefined) return undefined;
  return subjectAddress(birth.workspace, `${birth.webhook}/${facts.subject_key}`);
}

/** The run that an actor belongs to; undefined for a subject, which belongs to many. */
export function runOf(address: Address): RunId | undefined {
  if (machineOf(address) === "subject") return undefined;
  const [run = ""] = nameOf(address).split("/", 1);
  return RUN.test(run) ? runIdOf(run) : undefined;
}
const RUN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function numbered(read: (n: number) => ActorRecord | undefined): readonly ActorRecord[] {
  const found: ActorRecord[] = [];
  for (let n = 1; n <= PARTS_MAX; n += 1) {
    const record = read(n);
    if (record === undefined) break;
    found.push(record);
  }
  return found;
}

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);
