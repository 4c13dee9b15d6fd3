import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

// tsup leaves dependencies out of the bundle, but not optional ones.
export default defineConfig({ ...base, format: ["esm"], external: ["webgpu"] });
