import { defineConfig } from "vitest/config";

/** Where a run reports to; `test-summary.mjs` adds the reports up. A run on another backend has its own. */
const report = process.env.TEST_REPORT ?? (process.env.CI && "node_modules/.vitest/results.json");

/** One configuration for every package; each runs it from its own folder. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    benchmark: { include: ["bench/**/*.bench.ts"] },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 1,
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
