/** What stands in the place of what was masked. A mask is opaque: no rule looks into one, so that filtering twice changes nothing. */

/** For what is masked by no rule of the desk. No rule can be called so. */
export const NO_RULE = "*";

const OPENING = "[redacted:";

export const maskOf = (id: string): string => `${OPENING}${id}]`;

/** The same text with its first mask numbered: two names of one object that became equal stay two. */
export const numbered = (text: string, masks: RegExp, number: number): string => {
  let isFirst = true;
  return text.replace(masks, (mask) => {
    if (!isFirst) return mask;
    isFirst = false;
    return `${mask.slice(0, -1)}#${number}]`;
  });
};

/** All masks of these rules in a text, each as one group. Bounded, so that a mask can hide nothing but a small number. */
export const masksOf = (ids: readonly string[]): RegExp =>
  new RegExp(`(\\[redacted:(?:${[NO_RULE, ...ids].map(escaped).join("|")})(?:#[0-9]{1,4})?\\])`, "g");

const escaped = (id: string): string => id.replaceAll(/[^a-z0-9-]/g, String.raw`\$&`);

/** Texts between masks at even places, masks at odd ones. */
export const splitAtMasks = (text: string, masks: RegExp): readonly string[] =>
  text.includes(OPENING) ? text.split(masks) : [text];

export const isMask = (text: string, masks: RegExp): boolean => {
  const parts = splitAtMasks(text, masks);
  return parts.length === 3 && parts[0] === "" && parts[2] === "";
};

export const beginsWithMask = (text: string, masks: RegExp): boolean => splitAtMasks(text.trimStart(), masks)[0] === "";
