import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

export default defineConfig({
  ...base,
  entry: ["src/cli.ts", "src/step.ts", "src/batch-worker.ts", "src/examine-worker.ts"],
  format: ["esm"],
  dts: false,
});
