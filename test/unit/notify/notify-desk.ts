/** A desk of notifications alone: the engine over a memory store, and targets whose answers the test gives. */
import { machineFor } from "../../../machines/index.ts";
import { Secret } from "../../../src/config/secrets.ts";
import { writeAbandoned } from "../../../src/desk/abandoned-notification.ts";
import type { Page, PlacePage } from "../../../src/desk/page.ts";
import { deliveryAddress, notificationAddress, type Address, type RunId } from "../../../src/core/ids.ts";
import type { NotificationAsked } from "../../../src/core/notification.ts";
import type { Effect, Entry, Mail, Store } from "../../../src/engine/ports.ts";
import type { PostMessage, Reply } from "../../../src/notify/post.ts";
import { sendNotification } from "../../../src/notify/send-notification.ts";
import type { NotifyTarget } from "../../../src/notify/target.ts";
import { delivered, normalized, recorded, RUN, VERIFIED } from "../../support/delivery-words.ts";
import { manualClock, type ManualClock } from "../../support/manual-clock.ts";
import { mailFor, toyDesk, type ToyDesk } from "../engine/toy-desk.ts";

export const WHSEC = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
export const PAYLOAD_CANARY = "c4n4ry-of-the-payload";

export const targetWith = (changes: Partial<NotifyTarget> = {}): NotifyTarget => ({
  name: "ops",
  url: "https://ops.example/hook?key=c4n4ry-of-the-url",
  secret: new Secret(new TextEncoder().encode(WHSEC), "env:OPS"),
  events: ["run.finalized", "approval.requested", "run.stuck"],
  allow_private: false,
  ...changes,
});

export const askedWith = (changes: Partial<NotificationAsked> = {}): NotificationAsked => ({
  run: RUN,
  n: 1,
  target: "ops",
  event: "run.stuck",
  webhook: "risk",
  task: "risk-review",
  outcome: null,
  drafts: 0,
  ...changes,
});

export const addressFor = ({ run, n, target }: NotificationAsked): Address => notificationAddress(run, n, target);
export const notifyMail = (asked: NotificationAsked, at: number): Mail => ({
  ...mailFor(addressFor(asked), [], { at, birth: {} }),
  events: [Object.assign({ type: "NOTIFY" }, asked)],
});

/** The journal of a run whose sender said the canary wherever it may. */
export const runJournal: readonly Entry[] = delivered(
  {},
  VERIFIED,
  normalized({ delivery_id: PAYLOAD_CANARY, project: PAYLOAD_CANARY, ref: PAYLOAD_CANARY }),
  recorded({ statement: PAYLOAD_CANARY }),
).entries;

export type NotifyDesk = ToyDesk & {
  readonly pages: readonly Page[];
  readonly tell: (asked: NotificationAsked) => Promise<void>;
};
export type NotifyDeskOptions = {
  readonly post: PostMessage;
  readonly targets?: () => readonly NotifyTarget[];
  readonly clock?: ManualClock;
  readonly from?: ToyDesk;
  readonly runJournal?: (run: RunId) => readonly Entry[];
  readonly placePage?: PlacePage;
};

export function notifyDesk(options: NotifyDeskOptions): NotifyDesk {
  const { post, targets = () => [targetWith()], clock = manualClock(Date.now()), from } = options;
  const pages: Page[] = [];
  let opened: ToyDesk | undefined = undefined;
  const store = (): Store => {
    if (opened === undefined) throw new Error("the desk is not open yet");
    return opened.store;
  };
  const world: Pick<Store, "read" | "journal"> = {
    read: (address) => store().read(address),
    journal: (address) => {
      if (address !== deliveryAddress(RUN)) return store().journal(address);
      return options.runJournal?.(RUN) ?? runJournal;
    },
  };
  const placePage: PlacePage = (folder, page) => {
    pages.push(page);
    return options.placePage?.(folder, page) ?? Promise.resolve(`${folder}/${page.names[0] ?? ""}`);
  };
  const effects = {
    sendNotification: soon(sendNotification({ store: world, targets, post, now: clock.now })),
    writeAbandoned: soon(writeAbandoned({ store: world, placePage })),
  };
  const desk =
    from === undefined
      ? toyDesk({ effects, clock, machine: machineFor })
      : from.crash({ effects, clock, machine: machineFor });
  opened = desk;
  return { ...desk, pages, tell: (asked) => desk.engine.post(notifyMail(asked, clock.now())) };
}

/** An engine that takes up what was left asks before anyone has it in hand. */
const soon = (effect: Effect): Effect => ({
  ...effect,
  perform: async (call) => {
    await Promise.resolve();
    return effect.perform(call);
  },
});

export const answering =
  (...statuses: readonly number[]): PostMessage =>
  () => {
    const [status = 500, ...rest] = statuses;
    statuses = rest.length === 0 ? [status] : rest;
    const reply: Reply = { kind: "answered", status, retry_after: null, body: new Uint8Array() };
    return Promise.resolve(reply);
  };

/** Lets pause after pause pass until the actor rests. */
export async function untilRest(
  { store, clock }: Pick<NotifyDesk, "store" | "clock">,
  address: Address,
  rest: () => Promise<void>,
): Promise<void> {
  for (let turn = 0; turn < 40 && store.read(address)?.resting !== true; turn += 1) {
    clock.advance(4 * 3_600_000);
    await rest();
  }
}
