/** Times, states and foreign texts in words. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `8 s`, `4 min`, `3 h`, `12 d`: whole units, rounded down. A clock that is behind shows `0 s`. */
export function ageOf(ms: number): string {
  if (!(ms >= 0)) return "0 s";
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** `4:05`, `1:04:05`, `3 d 4 h`; null when it is over. */
export function countdownOf(ms: number): string | null {
  if (!(ms > 0)) return null;
  const seconds = Math.ceil(ms / SECOND_MS);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (ms >= DAY_MS) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const two = (part: number): string => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `13:40:02` of today, else with its date, in the reader's own time zone. */
export function clockTime(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (Number.isNaN(at)) return "?";
  const two = (part: number): string => String(part).padStart(2, "0");
  const time = `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
  if (then.toDateString() === today.toDateString()) return time;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}

/** How a state is shown: the class of its colour, and its sign. A state without one of its own is work under way. */
export type Look = "rest" | "good" | "bad" | "work" | "wait" | "you";

export type Shown = {
  readonly state: string;
  readonly outcome: string | null;
  /** `waiting_for` of the list. */
  readonly waiting_for: string | null;
  readonly parked: boolean;
};

/** `executing.performing` reads `executing`; the outcome stands beside a state that rests. */
export function stateWord({ state, outcome, parked }: Pick<Shown, "state" | "outcome" | "parked">): string {
  const [top = state] = state.split(".");
  if (parked) return `${top}, set aside`;
  const word = top.replaceAll("-", " ");
  return outcome !== null && outcome !== "completed" && outcome !== top ? `${word}, ${outcome}` : word;
}

export function lookOf({ state, outcome, waiting_for, parked }: Shown): Look {
  const [top = state] = state.split(".");
  if (parked || top === "stuck" || waiting_for === "operator") return "bad";
  if (waiting_for === "approval") return "you";
  if (top === "erased") return "rest";
  if (top === "refused" || outcome === "failed" || outcome === "refused") return "bad";
  if (top === "sealed" || top === "amending") return outcome === "completed" ? "good" : "rest";
  return waiting_for === null || waiting_for === "effect" ? "work" : "wait";
}

/** What a run waits for, for a person; null when nothing. */
export const waitWord = (waiting_for: string | null): string | null =>
  waiting_for === null ? null : (WAITS.get(waiting_for) ?? waiting_for);

const WAITS: ReadonlyMap<string, string> = new Map([
  ["predecessor", "its predecessor"],
  ["context", "a full commit"],
  ["retry", "the next try"],
  ["effect", "work under way"],
  ["approval", "your decision"],
  ["operator", "you"],
]);

/** At most `length` characters of a text from outside, never half of one. */
export function cutTo(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)}…`;
}

/** The first and the last characters of an id or a hash: the middle tells nobody anything. */
export const shortId = (id: string): string => (id.length <= 14 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`);

/** `1 run`, `3 runs`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
