/** The witness, loaded only by its own commands, and its refusals as failures of a command. */
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";

const load = async () => ({
  ...(await import("../witness/folder.ts")),
  ...(await import("../witness/serve.ts")),
  ...(await import("../witness/refused.ts")),
});

export type WitnessParts = Awaited<ReturnType<typeof load>>;

const EXITS = {
  WITNESS_EXISTS: exitCodes.cannotCreate,
  WITNESS_UNUSABLE: exitCodes.badData,
  WITNESS_BUSY: exitCodes.tryLater,
} as const;

/** @throws CliError for what the folder of a witness refuses */
export async function withWitness<T>(use: (parts: WitnessParts) => Promise<T>): Promise<T> {
  const parts = await load();
  try {
    return await use(parts);
  } catch (thrown) {
    if (!(thrown instanceof parts.WitnessRefused)) throw thrown;
    const { code, message, hint } = thrown;
    throw new CliError({ what: "The witness is refused.", why: message, try: hint, code, exit: EXITS[code] });
  }
}
