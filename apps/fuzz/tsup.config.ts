import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

export default defineConfig({ ...base, entry: ["src/cli.ts", "src/fuzz-process.ts"], format: ["esm"], dts: false });
