import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

// The gradients of tfjs-core are published as modules that Node cannot load, so the bundle carries them. No shims: they
// import Node's modules, which a browser has not.
export default defineConfig({
  ...base,
  shims: false,
  noExternal: [/^@tensorflow\/tfjs-core\/dist\/register_all_gradients/],
});
