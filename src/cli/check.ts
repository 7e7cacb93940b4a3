/** One thing that `qoc doctor` looked at: what it found and, where something is to be done, what. */
export type Check = {
  readonly name: string;
  readonly verdict: "ok" | "warning" | "wrong";
  readonly says: string;
  readonly try: string | null;
};

export const good = (name: string, says: string): Check => ({ name, verdict: "ok", says, try: null });
export const warning = (name: string, says: string, hint: string | null): Check => ({
  name,
  verdict: "warning",
  says,
  try: hint,
});
export const wrong = (name: string, says: string, hint: string | null): Check => ({
  name,
  verdict: "wrong",
  says,
  try: hint,
});

export const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;
