import type { Provider } from "./provider.ts";
import { qoc } from "./qoc.ts";

/** Every sender the daemon knows, by the name that a webhook's configuration gives. */
export const providers = { qoc } as const satisfies Record<string, Provider>;
export type ProviderName = keyof typeof providers;
export const isProviderName = (name: string): name is ProviderName => Object.hasOwn(providers, name);
