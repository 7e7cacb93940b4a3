/** What holds for the notices of a simulated world once it has come to rest. */
import { birthOf, flaggedIn } from "../../src/core/delivery-journal.ts";
import { nameOf, noticeAddress } from "../../src/core/ids.ts";
import { actorsOf, erasedIn, runsOf, valuesOf, type Invariant } from "./sim-runs.ts";
import type { SimEnd } from "./sim-world.ts";

/** A page of the inbox, as its head tells what it is. `notice` is null for the item of the run itself. */
export type Page = {
  readonly name: string;
  readonly run: string;
  readonly notice: number | null;
  readonly text: string;
};

export const pagesOf = ({ disk }: SimEnd): readonly Page[] =>
  [...disk.inbox].map(([name, bytes]) => {
    const text = Buffer.from(bytes).toString();
    const notice = /^notice: (\d+)$/m.exec(text)?.[1];
    return {
      name,
      run: /^run: "?([0-9a-f-]{36})/m.exec(text)?.[1] ?? "",
      notice: notice === undefined ? null : Number(notice),
      text,
    };
  });

/** Every conflict and every suspected replay of a journal has one notice, which shows the bytes that it is about; and there is no other. */
const everyFlagHasItsNotice: Invariant = (end) => {
  const erased = new Set(erasedIn(end).map(({ address }) => nameOf(address)));
  const pages = pagesOf(end).filter(({ run, notice }) => notice !== null && !erased.has(run));
  const flagged = runsOf(end).flatMap(({ journal }) => {
    const { run, request } = birthOf(journal);
    return flaggedIn(journal).map(({ artifacts }, at) => {
      const { sha256 } = artifacts.find(({ kind }) => kind === request.kind) ?? request;
      return { run, ordinal: at + 1, body: Buffer.from(end.state.artifacts.get(sha256) ?? []).toString() };
    });
  });
  const wrong = flagged.flatMap(({ run, ordinal, body }) => {
    const found = pages.filter((page) => page.run === run && page.notice === ordinal);
    const shows = body !== "" && found.every(({ text }) => text.includes(body));
    return found.length === 1 && shows
      ? []
      : [`notice ${ordinal} of ${run} has ${found.length} pages, or the wrong one`];
  });
  const spare = pages.length - flagged.length;
  return spare === 0 ? wrong : [...wrong, `there are ${spare} notices too many`];
};

/** Every conflict and every suspected replay of a journal has the actor that was told of it, and it has written its page. */
const everyFlagHasItsActor: Invariant = (end) => {
  const owed = runsOf(end).flatMap(({ journal }) =>
    flaggedIn(journal).map((_, at) => noticeAddress(birthOf(journal).run, at + 1)),
  );
  const notices = actorsOf(end, "notice");
  const erased = erasedIn(end).map(({ address }) => `notice/${nameOf(address)}/`);
  const isOfErased = (address: string): boolean => erased.some((prefix) => address.startsWith(prefix));
  const known = new Set(notices.map(({ address }) => address).filter((address) => !isOfErased(address)));
  return [
    ...owed.filter((address) => !known.has(address)).map((address) => `${address} is not there`),
    ...notices
      .filter(({ record, journal }) => record.state !== "written" || valuesOf(journal, "effect_done").length !== 1)
      .map(({ address, record }) => `${address} is ${record.state}`),
    ...(known.size > owed.length ? [`there are ${known.size - owed.length} notices too many`] : []),
  ];
};

export const noticeInvariants: readonly Invariant[] = [everyFlagHasItsNotice, everyFlagHasItsActor];
