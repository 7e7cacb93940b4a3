import { defineConfig } from "vitest/config";

/** Files that put something in the place of a module, for the modules that they load: each has these to itself. */
const MOCKING = ["test/unit/evidence/verify-bytes.test.ts", "test/unit/evidence/pack/pack-bytes*.test.ts"];

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/count-reporter.ts"],
    // Files are independent of each other, and many of them wait for daemons and browsers more than they compute.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // Loading the sources anew for each of hundreds of files took longer than most of them do.
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], exclude: MOCKING, isolate: false },
      },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["test/*.test.ts", "test/!(unit|bench)/**/*.test.ts", ...MOCKING],
        },
      },
    ],
  },
});
