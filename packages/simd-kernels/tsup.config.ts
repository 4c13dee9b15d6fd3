import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

export default defineConfig([
  { ...base, shims: true, clean: ["!browser.*"] },
  { ...base, entry: ["src/browser.ts"], format: ["esm"], platform: "browser", dts: false, clean: false },
]);
