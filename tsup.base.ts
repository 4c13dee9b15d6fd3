import type { Options } from "tsup";

/** What every package's bundle has in common: ESM, CommonJS and types, for the oldest Node we support. */
export const base: Options = {
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  target: "node20",
  dts: true,
  sourcemap: true,
  clean: true,
  shims: true,
};
