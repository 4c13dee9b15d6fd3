import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

// The command asks for its place, the library for nothing of Node but files.
export default defineConfig([
  { ...base, clean: ["!cli.*"] },
  { ...base, entry: ["src/cli.ts"], format: ["esm"], dts: false, clean: false },
]);
