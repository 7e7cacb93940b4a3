/** A witness at work: its folder opened, its door listening. */
import { assert } from "../core/assert.ts";
import type { Verifier } from "../evidence/log/note.ts";
import { openWitness } from "./folder.ts";
import { buildWitnessApp } from "./server.ts";
import { createWitness } from "./witness.ts";

export type WitnessServer = {
  readonly url: string;
  readonly name: string;
  readonly vkey: string;
  /** Origins, each once. */
  readonly logs: () => readonly string[];
  /** Takes up what was added to the list of logs. @throws WitnessRefused, and the list that held before holds on */
  readonly reload: () => void;
  /** Resolves when what was asked is answered and the folder is given up. */
  readonly close: () => Promise<void>;
};

export type WitnessDoor = { readonly host: string; readonly port: number };

const MS = 1000;

/** @throws WitnessRefused; the system's error when the address cannot be had */
export async function serveWitness(
  folder: string,
  { host, port }: WitnessDoor,
  complain: (says: string) => void,
): Promise<WitnessServer> {
  const opened = openWitness(folder);
  let byOrigin = grouped(opened.logs);
  const app = buildWitnessApp(
    createWitness({
      keysOf: (origin) => byOrigin.get(origin) ?? [],
      memory: opened.memory,
      cosigner: opened.cosigner,
      nowSeconds: () => Math.floor(Date.now() / MS),
      complain,
    }),
  );
  try {
    await app.listen({ host, port });
  } catch (thrown) {
    opened.release();
    throw thrown;
  }
  const address = app.server.address();
  assert(typeof address === "object" && address !== null, "a listener on a port has one");
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    name: opened.name,
    vkey: opened.vkey,
    logs: () => [...byOrigin.keys()],
    reload: () => void (byOrigin = grouped(opened.reread())),
    close: async () => {
      await app.close();
      opened.release();
    },
  };
}

function grouped(logs: readonly Verifier[]): ReadonlyMap<string, readonly Verifier[]> {
  return new Map(logs.map(({ name }) => [name, logs.filter((each) => each.name === name)]));
}
