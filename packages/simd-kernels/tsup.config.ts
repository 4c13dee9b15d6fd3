import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

export default defineConfig([
  { ...base, clean: ["!browser.*"] },
  { ...base, entry: ["src/browser.ts"], format: ["esm"], platform: "browser", shims: false, dts: false, clean: false },
]);
