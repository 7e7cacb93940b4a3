import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openStore } from "../../src/adapters/store-lmdb.ts";
import { createMemoryStore } from "../../src/adapters/store-memory.ts";
import { faultyStore, noFaults } from "../support/faulty-store.ts";
import { storeContract } from "./store.contract.ts";
import { storeExpungeContract } from "./store-expunge.contract.ts";
import { storeKeptContract } from "./store-kept.contract.ts";
import { storeRowsContract } from "./store-rows.contract.ts";
import type { StoreWorld } from "./store-world.ts";

const root = mkdtempSync(join(tmpdir(), "qoc-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

async function memoryWorld(): Promise<StoreWorld> {
  const store = createMemoryStore();
  return {
    store,
    reopen: async () => {
      await store.close();
      return createMemoryStore({ from: store.snapshot() });
    },
  };
}

async function lmdbWorld(): Promise<StoreWorld> {
  const dir = join(root, String((folders += 1)), "store");
  const store = await openStore(dir);
  return {
    store,
    reopen: async () => {
      await store.close();
      return openStore(dir);
    },
  };
}

async function faultyWorld(): Promise<StoreWorld> {
  const { store, reopen } = await lmdbWorld();
  return { store: faultyStore(store, noFaults), reopen: async () => faultyStore(await reopen(), noFaults) };
}

const stores: readonly (readonly [string, () => Promise<StoreWorld>])[] = [
  ["the memory store", memoryWorld],
  ["the LMDB store", lmdbWorld],
  ["a faulty store without a fault", faultyWorld],
];
for (const [name, openWorld] of stores) {
  storeContract(name, openWorld);
  storeRowsContract(name, openWorld);
  storeKeptContract(name, openWorld);
  storeExpungeContract(name, openWorld);
}
