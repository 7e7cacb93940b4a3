/** Which headers of a sender are kept as evidence. One that carries a credential never is, whatever a list says. */
import type { Provider } from "./provider.ts";

const CREDENTIALS: ReadonlySet<string> = new Set([
  "api-key",
  "apikey",
  "authentication",
  "authorization",
  "cf-access-client-secret",
  "cookie",
  "job-token",
  "private-token",
  "proxy-authenticate",
  "proxy-authorization",
  "set-cookie",
  "token",
  "x-access-token",
  "x-amz-security-token",
  "x-api-key",
  "x-api-token",
  "x-apikey",
  "x-auth",
  "x-auth-token",
  "x-authorization",
  "x-forwarded-access-token",
  "x-gitlab-token",
  "x-goog-iap-jwt-assertion",
  "x-hook-secret",
  "x-secret",
  "x-token",
  "x-vault-token",
  "x-webhook-secret",
  "x-webhook-token",
]);
const LAST_WORD =
  /(?:^|-)(?:authorization|cookie2?|password|passwd|passphrase|secret|credentials?|jwt|bearer|(?:access|api|auth|bearer|id|refresh|service|session)-token|(?:access|auth|private|secret|signing)-key|api-?key)$/;

/** Whether a header carries what lets its holder in, by its name in lower case. */
export const isCredential = (name: string): boolean => CREDENTIALS.has(name) || LAST_WORD.test(name);

const known = new WeakMap<Provider, readonly string[]>();

/** In the order of the sender's list, without credentials and without what holds the secret itself. */
export function keptHeaders(provider: Provider): readonly string[] {
  const found = known.get(provider);
  if (found !== undefined) return found;
  const tokens = new Set(
    provider.schemes.flatMap(({ algorithm, headers }) => (algorithm === "token" ? [...headers] : [])),
  );
  const kept = provider.headers_kept.filter((name) => !tokens.has(name) && !isCredential(name));
  known.set(provider, kept);
  return kept;
}

/** Headers with a signature that anybody can check: who has the public key can try guesses at the bytes that it signs. */
export const publicSignatures = ({ schemes }: Provider): ReadonlySet<string> =>
  new Set(schemes.flatMap(({ algorithm, headers }) => (algorithm === "ed25519" ? [...headers] : [])));
