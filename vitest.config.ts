import { defineConfig } from "vitest/config";

/** One configuration for every package; each runs it from its own folder. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    benchmark: { include: ["bench/**/*.bench.ts"] },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 1,
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: "node_modules/.vitest/results.json" }]]
      : ["default"],
  },
});
