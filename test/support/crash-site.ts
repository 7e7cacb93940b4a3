/** One desk, its senders, and one daemon after the other on it. */
import { setTimeout as pause } from "node:timers/promises";
import { fsck } from "../../src/fsck/fsck.ts";
import { CRASH_DESK, CRASH_TOML, CRASH_WEBHOOKS, startLoad } from "./crash-load.ts";
import { quiet } from "./control.ts";
import { ingressOf, kill, stop, up, within, type Child, type Said } from "./daemon.ts";
import { audit } from "./desk-audit.ts";
import { deskFolder } from "./desk-folder.ts";
import type { Sent } from "./ledger.ts";
import type { Random } from "./seeded-random.ts";
import { readStoppedDesk } from "./stopped-desk.ts";

export type CrashSite = {
  readonly dir: string;
  /** Gives a daemon work until it dies of itself. */
  readonly untilDead: (daemon: Child) => Promise<Said>;
  /** Kills a daemon so long after it was launched, or after it was ready. */
  readonly killed: (daemon: Child, moment: Moment) => Promise<Said>;
  /** What the senders have sent so far. */
  readonly sent: () => readonly Sent[];
  /** Lets a whole daemon finish everything, and gives what does not hold for the desk that it leaves. */
  readonly findings: () => Promise<readonly string[]>;
};
export type Moment = { readonly after: "launch" | "ready"; readonly ms: number };

/** Jobs that the senders get when a daemon opens, and each time that they have none left: busy, but few enough to audit them all. */
const JOBS = 12;
const MORE_JOBS = 4;
const LOOK_AGAIN_MS = 25;

export function createCrashSite(random: Random): CrashSite {
  const dir = deskFolder(CRASH_DESK, { toml: CRASH_TOML });
  let ingress: string | undefined;
  const load = startLoad(() => ingress, random);

  /** A daemon that dies while it starts never opens. */
  async function opened(daemon: Child): Promise<void> {
    await daemon.says("ready\n").then(
      () => {
        ingress = ingressOf(dir);
        load.add(JOBS);
      },
      () => undefined,
    );
  }

  async function dead(daemon: Child): Promise<Said> {
    const said = await daemon.ended;
    ingress = undefined;
    return said;
  }

  return {
    dir,
    sent: load.ledger.sent,
    untilDead: async (daemon) => {
      let isAlive = true;
      const died = dead(daemon).finally(() => {
        isAlive = false;
      });
      await opened(daemon);
      const feed = async (): Promise<void> => {
        while (isAlive) {
          if (load.waiting() === 0) load.add(MORE_JOBS);
          await pause(LOOK_AGAIN_MS);
        }
      };
      await within(feed(), () => `lived on:\n${daemon.stdout()}${daemon.stderr()}`);
      return died;
    },
    killed: async (daemon, { after, ms }) => {
      if (after === "ready") await opened(daemon);
      await pause(ms);
      const said = await kill(daemon);
      ingress = undefined;
      return said;
    },
    findings: async () => {
      const daemon = await up([dir]);
      ingress = daemon.ingress;
      await within(load.finish(), () => "left senders without a 202");
      await quiet(dir);
      const { code } = await stop(daemon);
      const desk = await readStoppedDesk(dir, CRASH_DESK, CRASH_WEBHOOKS);
      try {
        const { findings } = await fsck({ dir, workspace: CRASH_DESK });
        return [
          ...(code === 0 ? [] : [`the last daemon ended with ${code}`]),
          ...audit(desk, load.ledger.sent()),
          ...findings.map((finding) => `fsck says ${finding.code} at ${finding.at} ${finding.detail}`),
        ];
      } finally {
        await desk.store.close();
      }
    },
  };
}
