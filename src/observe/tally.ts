/** Counts by the values of a few labels. Adding is a look into a map: whatever else a library does with labels waits until somebody reads. */

export type Tally<Label extends string> = {
  /** One value a label, in the order of the labels. Every value is of a fixed set, or of the configuration. */
  readonly add: (values: readonly string[], by?: number) => void;
  readonly each: (call: (labels: Readonly<Record<Label, string>>, count: number) => void) => void;
};

/** No label has it in its values: they are names. */
const BETWEEN = "\n";

export function createTally<Label extends string>(labels: readonly Label[]): Tally<Label> {
  const counts = new Map<string, { readonly labels: Readonly<Record<Label, string>>; count: number }>();
  return {
    add: (values, by = 1) => {
      const key = values.join(BETWEEN);
      const known = counts.get(key);
      if (known !== undefined) known.count += by;
      else counts.set(key, { labels: labelled(labels, values), count: by });
    },
    each: (call) => {
      for (const each of counts.values()) call(each.labels, each.count);
    },
  };
}

function labelled<Label extends string>(
  labels: readonly Label[],
  values: readonly string[],
): Readonly<Record<Label, string>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of all the labels, one by one
  return Object.fromEntries(labels.map((label, i) => [label, values[i] ?? ""])) as Record<Label, string>;
}
