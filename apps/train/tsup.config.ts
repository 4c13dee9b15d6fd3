import { defineConfig } from "tsup";
import { base, rawText } from "../../tsup.base.js";

export default defineConfig({
  ...base,
  entry: {
    cli: "src/cli.ts",
    inputs: "src/inputs.ts",
    step: "src/step.ts",
    "batch-worker": "src/training/batch-worker.ts",
    "examine-worker": "src/prepare/examine-worker.ts",
  },
  format: ["esm"],
  dts: false,
  esbuildPlugins: [rawText],
});
