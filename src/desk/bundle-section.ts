/** The sections of a bundle, and how each is made shorter. */
import { beginning, fencedData } from "./bundle-fence.ts";

/** When a section is cut: the lowest number first. Null: never. */
export type CutRank = number | null;

export type Section =
  /** Ours alone. */
  | { readonly kind: "words"; readonly heading: string; readonly text: string }
  /** One text of others. `bytes` are of the whole, where `text` is only its beginning. */
  | {
      readonly kind: "text";
      readonly heading: string;
      readonly says: string;
      /** What it is called where it is said that it was cut. */
      readonly called: string;
      readonly text: string;
      readonly bytes: number;
      readonly rank: CutRank;
    }
  /** Several, in one block. The last of them goes first. */
  | {
      readonly kind: "items";
      readonly heading: string;
      readonly says: string;
      readonly called: string;
      readonly items: readonly string[];
      /** How many there are, where not all of them were read. */
      readonly count: number;
      readonly rank: CutRank;
    };

/** How much of a section is kept: bytes of its text, or items. */
export type Kept = number;

export const whole = (section: Section): Kept => {
  switch (section.kind) {
    case "words":
      return 0;
    case "text":
      return Buffer.byteLength(section.text);
    case "items":
      return section.items.length;
  }
};

/** A beginning that is shorter than this says nothing: the text is left out. */
const KEPT_BYTES_MIN = 256;

/** What is kept when so many bytes more have to go. */
export function lessOf(section: Section, kept: Kept, excess: number): Kept {
  switch (section.kind) {
    case "words":
      return kept;
    case "text": {
      const left = kept - Math.max(excess, 1);
      return left < KEPT_BYTES_MIN ? 0 : left;
    }
    case "items": {
      let [left, gone] = [kept, 0];
      while (left > 0 && gone < excess) gone += Buffer.byteLength(section.items[(left -= 1)] ?? "") + 1;
      return left;
    }
  }
}

export function renderSection(section: Section, kept: Kept): string {
  const heading = `## ${section.heading}\n\n`;
  switch (section.kind) {
    case "words":
      return `${heading}${section.text}\n`;
    case "text": {
      const cut = cutOf(section, kept);
      if (kept === 0 && section.bytes > 0) return `${heading}${cut ?? ""}\n`;
      return `${heading}${[section.says, ...(cut === null ? [] : [cut])].join(" ")}\n\n${fencedData(beginning(section.text, kept))}`;
    }
    case "items": {
      const cut = cutOf(section, kept);
      if (kept === 0) return `${heading}${cut ?? "There is nothing."}\n`;
      const text = section.items.slice(0, kept).join("\n");
      return `${heading}${[section.says, ...(cut === null ? [] : [cut])].join(" ")}\n\n${fencedData(text)}`;
    }
  }
}

/** What of a section is missing, as a sentence; null when nothing is. */
export function cutOf(section: Section, kept: Kept): string | null {
  switch (section.kind) {
    case "words":
      return null;
    case "text": {
      const shown = Buffer.byteLength(beginning(section.text, kept));
      if (shown === section.bytes) return null;
      return shown === 0
        ? `Left out for size: ${section.called}, ${section.bytes} bytes.`
        : `Cut for size: of ${section.called} the first ${shown} of ${section.bytes} bytes are here.`;
    }
    case "items":
      return kept === section.count
        ? null
        : `Left out for size: ${section.count - kept} of ${section.count} ${section.called}.`;
  }
}
