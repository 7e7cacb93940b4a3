import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**"],
    reporters: ["default", "./test/support/count-reporter.ts"],
    // Files are independent of each other, and many of them wait for daemons and browsers more than they compute.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
