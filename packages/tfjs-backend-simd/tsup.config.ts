import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

// The gradients of tfjs-core are published as modules that Node cannot load, so the bundle carries them.
export default defineConfig({
  ...base,
  noExternal: [/^@tensorflow\/tfjs-core\/dist\/register_all_gradients/],
});
