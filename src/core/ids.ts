/** The names things are called by. Branded, so that one cannot stand where another is meant; made here and nowhere else. */
declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Milliseconds since 1970-01-01T00:00:00Z. Always an argument, never read from a clock inside logic. */
export type Instant = number;
/** Lower-case hex SHA-256 of bytes as received. */
export type Sha256 = Brand<string, "Sha256">;
/** UUIDv8 over the identity of a delivery: the same delivery has the same run, on any machine. */
export type RunId = Brand<string, "RunId">;
/** UUIDv7, fixed when a run is recorded. */
export type EvidenceId = Brand<string, "EvidenceId">;
/** `<machine>/<rest>`: where an actor is told things. */
export type Address = Brand<string, "Address">;
/** `<address>#<sequence>:<index>`: stable over retries and restarts. */
export type EffectId = Brand<string, "EffectId">;

// oxlint-disable typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters -- brands are made in this file and nowhere else
const SHA256 = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ADDRESS = /^[a-z][a-z0-9-]*\/.{1,1024}$/su;

function checked<T>(text: string, form: RegExp, says: string): T {
  if (!form.test(text)) throw new TypeError(`not ${says}: ${JSON.stringify(text.slice(0, 80))}`);
  return text as T;
}

export const sha256Of = (text: string): Sha256 => checked(text, SHA256, "a SHA-256");
export const runIdOf = (text: string): RunId => checked(text, UUID, "a run id");
export const isUuid = (text: string): boolean => UUID.test(text);
export const evidenceIdOf = (text: string): EvidenceId => checked(text, UUID, "an evidence id");
export const addressOf = (text: string): Address => checked(text, ADDRESS, "an address");
export const deliveryAddress = (run: RunId): Address => `delivery/${run}` as Address;
export const subjectAddress = (workspace: string, key: string): Address => `subject/${workspace}/${key}` as Address;
/** Of the n-th draft of this run, from 1. */
export const orderAddress = (run: RunId, draft: number): Address => `order/${run}/${draft}` as Address;
/** Of the n-th that a target is notified of about this run, from 1. */
export const notificationAddress = (run: RunId, n: number, target: string): Address =>
  `notification/${run}/${n}/${target}` as Address;
/** Of the n-th that a person is told about this run, from 1. */
export const noticeAddress = (run: RunId, n: number): Address => `notice/${run}/${n}` as Address;
export const effectIdOf = (address: Address, sequence: number, index: number): EffectId =>
  `${address}#${sequence}:${index}` as EffectId;

/** The machine that an address belongs to: what stands before the first slash. */
export const machineOf = (address: Address): string => address.slice(0, address.indexOf("/"));
/** What stands behind the first slash of an address: the run id of a delivery. */
export const nameOf = (address: Address): string => address.slice(address.indexOf("/") + 1);
