/** URLs that are not for everybody: those with a password, of a private network, or that are themselves the key to what they name. */
import type { Finder } from "./span.ts";

const ANY_URL = /[a-z][a-z0-9+.-]{1,19}:\/\/[^\s"'<>\\^`{|}]+/gi;
const PARTS = /^[^:]*:\/\/([^/?#]*)([^?#]*)(.*)$/s;

export const privateUrls: Finder = (text) => {
  if (!text.includes("://")) return [];
  return [...text.matchAll(ANY_URL)].flatMap(({ 0: url, index }) =>
    holdsPrivate(url) ? [{ start: index, end: index + url.length }] : [],
  );
};

/** Where another URL may begin within one: behind a comma in a list, or as a parameter. */
const NEXT_URL = /(?=[a-z][a-z0-9+.-]{1,19}:\/\/)/i;

const holdsPrivate = (url: string): boolean => isPrivate(url) || url.split(NEXT_URL).some(isPrivate);

function isPrivate(url: string): boolean {
  const [, authority = "", path = "", rest = ""] = PARTS.exec(url) ?? [];
  const at = authority.lastIndexOf("@");
  const host = hostOf(authority.slice(at + 1));
  return (
    authority.slice(0, Math.max(at, 0)).includes(":") || isInside(host) || KEY_IN_QUERY.test(rest) || isHook(host, path)
  );
}

const hostOf = (place: string): string =>
  place
    .toLowerCase()
    .replace(/:[0-9]*$/, "")
    .replace(/\.$/, "");

const KEY_IN_QUERY =
  /[?&;#](?:[a-z0-9_-]{0,32}[-_])?(?:token|key|apikey|sig|signature|secret|password|passwd|pwd|credential|session|jwt|auth|code)=/i;

/** Addresses to which whoever knows them may post. */
const isHook = (host: string, path: string): boolean =>
  (host === "hooks.slack.com" && path.length > 1) ||
  (/^(?:[a-z0-9-]{1,63}\.)?discord(?:app)?\.com$/.test(host) && path.startsWith("/api/webhooks/")) ||
  (host.endsWith(".webhook.office.com") && path.length > 1);

/** RFC 1918, 3927, 4193, 4291, 6598, 6761, 6762, 8375, and what networks call their own. A name without a dot is known to one network only. */
const INSIDE_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|private|corp|lan|home|home\.arpa)$/;
const INSIDE_V4 =
  /^(?:10|127|0)\.|^192\.168\.|^169\.254\.|^172\.(?:1[6-9]|2[0-9]|3[01])\.|^100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\./;
const INSIDE_V6 = /^\[(?:::1?\]|f[cd]|fe[89ab]|::ffff:)/;

const isInside = (host: string): boolean =>
  host !== "" &&
  (host.startsWith("[") ? INSIDE_V6.test(host) : !host.includes(".") || INSIDE_NAME.test(host) || INSIDE_V4.test(host));
