/** The login code of a link: what stands behind its `#`, which no request carries. */

const CODE = /^[\w-]{1,200}$/;

/** Of a whole link, of its end, or of the code alone, as a person pastes it; null when there is none. */
export function codeIn(text: string): string | null {
  const [, after] = /#code=(.*)$/.exec(text) ?? [];
  const code = (after ?? text).trim();
  return CODE.test(code) ? code : null;
}

/** Of the part of an address behind its `#`, which may be about something else. */
export const codeInHash = (hash: string): string | null => (hash.startsWith("#code=") ? codeIn(hash) : null);
