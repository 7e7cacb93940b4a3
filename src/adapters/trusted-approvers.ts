/** Who may approve on a desk, asked each time anew, over the folder of the keys and the root that the daemon remembers. */
import type { ApproverPins, Approvers } from "../approval/approvers.ts";
import type { Sha256 } from "../core/ids.ts";
import { readApprovers } from "./approver-keys.ts";

export type TrustedApprovers = {
  /** Pins the first root that it meets: trust on first use. From then on another root makes nobody an approver. */
  readonly approvers: () => Approvers;
};

/** `met` is told of a root when it is pinned, and of the one that a reset took away before, so that a person hears of it. */
export function trustApprovers(
  dir: string,
  workspace: string,
  pins: ApproverPins,
  met: (root: Sha256, before: string | undefined) => void,
): TrustedApprovers {
  return {
    approvers: () => {
      const found = readApprovers(dir, workspace, pins.root());
      if (pins.root() === undefined && found.root !== null) {
        pins.pin(found.root);
        met(found.root, pins.before());
      }
      return found;
    },
  };
}
