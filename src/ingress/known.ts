import type { DeliveryInput } from "../core/delivery.ts";
import type { Address, Instant, RunId } from "../core/ids.ts";

/**
 * What the host of the actors knows of deliveries that came before. Every answer covers mail that was posted and is not yet
 * durable or taken in, from the moment `Engine.post` was called: two copies that arrive in one turn of the event loop must not
 * both begin the run. Answers are synchronous, so that nothing comes between a look-up and the post that follows it. A post that is
 * rejected is forgotten, and so is every post to the same address that was made behind it.
 */
export interface KnownDeliveries {
  /** True when a run lives at this address, or the mail that begins it waits. */
  readonly knows: (address: Address) => boolean;
  /** When the run at this address was begun: when its first delivery came. */
  readonly bornAt: (address: Address) => Instant | undefined;
  /** The latest run behind the first of an identity. `key` is the first run's id: that of an index row `dedupe`. */
  readonly latestBehind: (first: RunId) => Address | undefined;
  /** The latest run that these bytes are known of: it was begun with them, or they came as a conflict. `key` is that of an index row `body`. */
  readonly byBody: (key: string) => Address | undefined;
  /** What says which bytes the run at this address was begun with. */
  readonly bornWith: (address: Address) => BornWith | undefined;
  /** True when a person had the run at this address erased: nothing that comes for it is kept any more. */
  readonly isErased: (address: Address) => boolean;
}

/** `filtered` is there when the bytes are not: they are known again by what the run committed to, under its own key. */
export type BornWith = Pick<DeliveryInput, "request" | "disclosure_key" | "filtered">;
