import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

// Apart, so that what browsers take shares no file with what needs Node's modules.
export default defineConfig([
  { ...base, clean: ["!parse.*"] },
  { ...base, entry: ["src/parse.ts"], clean: false, treeshake: "smallest" },
]);
