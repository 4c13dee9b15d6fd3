import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

export default defineConfig({
  ...base,
  entry: ["src/cli.ts", "src/step/step-worker.ts", "src/infer/inference-worker.ts"],
  format: ["esm"],
  dts: false,
});
