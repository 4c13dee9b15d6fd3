import { defineConfig } from "tsup";
import { base, rawText } from "../../tsup.base.js";

export default defineConfig({ ...base, esbuildPlugins: [rawText] });
