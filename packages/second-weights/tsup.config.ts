import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

export default defineConfig({
  ...base,
  shims: true,
  entry: ["src/index.ts", "src/decode.ts"],
  external: ["yaml"], // of checked-text, whose JSON alone is read here: looked into, it would leave the shims of Node in what browsers load
});
