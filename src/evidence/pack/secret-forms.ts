/**
 * What a secret looks like in a text. Every pattern is of fixed or bounded length, and no two parts of one can take the same
 * characters without bound, so that the time is linear in the text whatever the text is.
 */

/** The name of a form is what a person is told; what was found never is. */
export type SecretForm = { readonly name: string; readonly pattern: RegExp };

/** No letter or digit before it: `AKIA…` within a longer word is no key. */
const START = "(?<![A-Za-z0-9])";
const form = (name: string, pattern: string, flags = ""): SecretForm => ({ name, pattern: new RegExp(pattern, flags) });

export const secretForms: readonly SecretForm[] = [
  form("private_key", "-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
  form("private_key", "PuTTY-User-Key-File-[0-9]"),
  form("private_key", `${START}AGE-SECRET-KEY-1[0-9A-Z]{20}`),
  form("bearer_token", `${START}bearer[ \\t:=]{1,8}[A-Za-z0-9._~+/-]{16}`, "i"),
  form("aws_key", `${START}(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}`),
  form("github_token", `${START}gh[oprsu]_[A-Za-z0-9]{30}`),
  form("github_token", `${START}github_pat_[A-Za-z0-9_]{20}`),
  form("gitlab_token", `${START}gl(?:pat|dt|rt|cbt|ptt|soat)-[A-Za-z0-9_-]{16}`),
  form("slack_token", `${START}xox[abeoprs]-[A-Za-z0-9-]{10}`),
  form("slack_token", `${START}xapp-[0-9]-[A-Za-z0-9-]{10}`),
  form("slack_webhook", "hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9]{6}"),
  form("stripe_key", `${START}[rs]k_(?:live|test)_[A-Za-z0-9]{12}`),
  form("webhook_secret", `${START}wh(?:sec|sk)_[A-Za-z0-9+/=_-]{12}`),
  form("google_key", `${START}AIza[0-9A-Za-z_-]{35}`),
  form("google_token", `${START}ya29\\.[0-9A-Za-z_-]{16}`),
  form("api_key", `${START}sk-[A-Za-z0-9_-]{20}`),
  form("npm_token", `${START}npm_[A-Za-z0-9]{30}`),
  form("pypi_token", `${START}pypi-[A-Za-z0-9_-]{32}`),
  form("sendgrid_key", `${START}SG\\.[A-Za-z0-9_-]{16}`),
  form("twilio_key", `${START}SK[0-9a-f]{32}(?![0-9a-f])`),
  form("linear_key", `${START}lin_(?:api|oauth)_[A-Za-z0-9]{20}`),
  form("password_in_url", "://[^\\s/?#@:]{0,256}:[^\\s/?#@]{1,256}@"),
];

/** A JSON Web Token or its encrypted kind: parts between dots, the first of which is a base64url object. */
export function holdsJwt(text: string): boolean {
  return text.split(/[^A-Za-z0-9_.-]/).some((word) => {
    const parts = word.split(".");
    return parts.some((part, i) => {
      const begin = part.indexOf("eyJ");
      if (begin === -1 || part.length - begin < 12) return false;
      const next = parts[i + 1] ?? "";
      return (
        (next.startsWith("eyJ") && next.length >= 8) || (parts.length - i >= 5 && (parts[i + 2] ?? "").length >= 8)
      );
    });
  });
}

/** Words beside which a text that looks random is taken for a secret. */
const SECRET_WORD =
  /secret|token|passw|pwd|api[-_ ]?key|apikey|credential|authorization|private[-_ ]?key|access[-_ ]?key|signing[-_ ]?key|cookie|session/i;
export const namesSecret = (text: string): boolean => SECRET_WORD.test(text);

const RANDOM = /[A-Za-z0-9+/_=-]{20,}/g;
const WORD_BEFORE_CHARS = 40;
const HEX = /^[0-9a-fA-F-]+$/;

/** A long text without blanks that no language wrote, with a word for secrets a little before it, or `named` by one. */
export function holdsRandomSecret(text: string, named: boolean): boolean {
  for (const { 0: run, index } of text.matchAll(RANDOM)) {
    if (!looksRandom(run)) continue;
    // A name and its value may be one run: `token=…`.
    if (
      named ||
      namesSecret(text.slice(Math.max(0, index - WORD_BEFORE_CHARS), index)) ||
      namesSecret(run.slice(0, 24))
    )
      return true;
  }
  return false;
}

function looksRandom(run: string): boolean {
  if (!/[0-9]/.test(run) || !/[A-Za-z]/.test(run)) return false;
  return bitsPerCharacter(run) >= (HEX.test(run) ? 2.8 : 3.5);
}

/** Shannon's entropy over the characters of a text. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}
