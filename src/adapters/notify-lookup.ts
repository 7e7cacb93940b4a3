/**
 * Finds the addresses of a target's host for the connection itself, and gives none that may not be called: between this answer and the
 * connection nothing is asked again, so a name that means another address a moment later (DNS rebinding) changes nothing.
 */
import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";

export type Resolved = readonly { readonly address: string; readonly family: number }[];
/** All addresses of a host. Rejects when it has none. */
export type Resolve = (host: string) => Promise<Resolved>;

/** Thrown into the connection, so that it can be told from the network's own faults. */
export class AddressRefused extends Error {
  constructor() {
    super("its host has an address that is not public, which takes allow_private = true");
    this.name = "AddressRefused";
  }
}

/** One address that may not be called is enough: such a host is not what it says. */
export const lookupBy =
  (resolve: Resolve, mayCall: (address: string) => boolean): LookupFunction =>
  (host, options, tell) => {
    resolve(host).then(
      (found) => {
        const [first] = found;
        if (first === undefined) tell(new Error("no address"), "");
        else if (!found.every(({ address }) => mayCall(address))) tell(new AddressRefused(), "");
        else if (options.all === true) tell(null, [...found]);
        else tell(null, first.address, first.family);
      },
      (error: unknown) => tell(error instanceof Error ? error : new Error("no address"), ""),
    );
  };

/** The system's own questions each hold a thread of the pool that the store commits in, for as long as a name server is silent. */
const QUESTIONS_MAX = 2;

/** The system's way, `/etc/hosts` among it: one question for a host at a time, and few in all. */
export function systemResolve(ask: Resolve = (host) => lookup(host, { all: true, verbatim: true })): Resolve {
  const asked = new Map<string, Promise<Resolved>>();
  const waiting: (() => void)[] = [];
  let free = QUESTIONS_MAX;
  const inTurn = async (host: string): Promise<Resolved> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await ask(host);
    } finally {
      asked.delete(host);
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
  return (host) => {
    const known = asked.get(host);
    if (known !== undefined) return known;
    const question = inTurn(host);
    asked.set(host, question);
    return question;
  };
}
