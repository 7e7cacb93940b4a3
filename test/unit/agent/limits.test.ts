import { expect, test } from "vitest";
import { AGENT_LIMITS, boundBy } from "../../../src/agent/limits.ts";

const processes = (place: Parameters<typeof boundBy>[1]): string | undefined =>
  boundBy(AGENT_LIMITS, place).applied.find(({ name }) => name === "processes")?.by;

test("the kernel holds the number of processes only in a sandbox, and never root's", () => {
  expect(processes({ sandboxed: true, root: false })).toBe("rlimit");
  expect(processes({ sandboxed: true, root: true })).toBe("watch");
  expect(processes({ sandboxed: false, root: false })).toBe("watch");
  expect(processes({ sandboxed: false, root: true })).toBe("watch");
});

test("what is told is what the command line sets", () => {
  const { argv, applied } = boundBy(AGENT_LIMITS, { sandboxed: true, root: false });
  const flags = { processes: "nproc", file_bytes: "fsize", open_files: "nofile", memory_bytes: "data" } as const;
  const set = applied.map(({ name, max }) => `--${flags[name]}=${max}`);
  expect(argv).toEqual(expect.arrayContaining(set));
  expect(new Set(applied.map(({ by }) => by))).toEqual(new Set(["rlimit"]));
  expect(applied.length).toBe(4);
});

test("more than the daemon itself may have is not asked for", () => {
  const { applied } = boundBy({ ...AGENT_LIMITS, open_files: 2 ** 40 }, { sandboxed: false, root: false });
  expect(applied.find(({ name }) => name === "open_files")?.max).toBeLessThan(2 ** 40);
});
