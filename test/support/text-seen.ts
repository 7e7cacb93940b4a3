/** What is to be seen of a part of a page, as texts in their order, without what differs each time: ids, hashes, times, ages, ports, the version. */
import type { Page } from "playwright-core";
import { z } from "zod";
import { version } from "../../src/version.ts";

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Texts that stand in the box, and in what scrolls within it. What is there for screen readers alone is not to be seen. */
export async function textSeen(page: Page, box: Box): Promise<string> {
  const texts: unknown = await page.evaluate(`(({ x, y, width, height }) => {
    const seen = [];
    let block;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = [{ left: x, top: y, right: x + width, bottom: y + height }];
      for (let each = node.parentElement; each !== null && each !== document.body; each = each.parentElement)
        if (getComputedStyle(each).overflow !== "visible") boxes.push(each.getBoundingClientRect());
      const isIn = (at) => at.width > 2 && boxes.every((box) =>
        at.left < box.right && at.right > box.left && at.top < box.bottom && at.bottom > box.top);
      const isUnseen = node.parentElement.closest(".unseen, .skip") !== null || !node.parentElement.checkVisibility();
      if (!isUnseen && [...range.getClientRects()].some(isIn)) {
        // How a line is made of elements is not to be seen.
        let around = node.parentElement;
        while (getComputedStyle(around).display.startsWith("inline")) around = around.parentElement;
        if (around === block) seen.push(seen.pop() + node.data);
        else seen.push(node.data);
        block = around;
      }
    }
    return seen;
  })(${JSON.stringify(box)})`);
  const lines = z
    .array(z.string())
    .parse(texts)
    .map((text) => withoutWhatDiffers(text.replaceAll(/\s+/g, " ").trim()));
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}

const DIFFERS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID"],
  [/[0-9a-f]{8}-[0-9a-f]{3}…/g, "ID…"],
  [/\b[0-9a-f]{60,64}\b/g, "HASH"],
  [/\b[0-9a-f]{12}…/g, "HASH…"],
  [/\d{4}-\d\d-\d\d[T ]\d\d[:-]\d\d[:-]\d\d(\.\d+)?Z?/g, "TIME"],
  [/\b\d+:\d\d:\d\d\b/g, "TIME"],
  [/[+−]?\b\d+ (ms|s|min|h|d)\b( \d+ (s|min|h)\b)?/g, "AGE"],
  [/127\.0\.0\.1:\d+/g, "ADDRESS"],
];

const withoutWhatDiffers = (text: string): string =>
  DIFFERS.reduce((left, [differs, word]) => left.replaceAll(differs, word), text).replaceAll(version, "VERSION");
