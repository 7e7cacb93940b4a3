/** Texts from outside, where a person reads them: nothing in them may hide, and nothing may turn what stands beside it. */

/** Line ends and tabs are none of these, nor what makes one picture of several. */
const UNSEEN =
  /(?!\r?\n|\t|\u{fe0e}|\u{fe0f}|(?<=\p{Extended_Pictographic}(?:\u{fe0f}|\p{Emoji_Modifier})?)\u200d)[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/** A text from outside as it is, save that what cannot be seen in it, or turns the direction of writing, stands there as `\u202e`. */
export const visible = (text: string): string => text.replaceAll(UNSEEN, escaped);

/** The same on one line. */
export const visibleLine = (text: string): string => visible(text).replaceAll(/[\t\n\r]/g, escaped);

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}
