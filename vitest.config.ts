import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**"],
    reporters: ["default", "./test/support/count-reporter.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
