import { cp } from "node:fs/promises";
import { defineConfig } from "tsup";
import { base, rawText } from "../../tsup.base.js";

// Private packages of the workspace are bundled. The pages of report-page are files, which it looks for beside itself.
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
  onSuccess: () => cp("../../packages/report-page/dist/page", "dist/page", { recursive: true }),
});
