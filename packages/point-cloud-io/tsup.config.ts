import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

/** Without Node's modules, as it also runs in browsers. */
export default defineConfig({ ...base, treeshake: "smallest" });
