import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";

// The command and the code of a thread are started, not imported: as ES modules, which share their code with the library, and without types.
export default defineConfig([
  {
    ...base,
    entry: ["src/index.ts", "src/cli.ts", "src/frame-task.ts"],
    format: ["esm"],
    dts: { entry: "src/index.ts" },
    clean: ["!index.cjs", "!index.d.cts"],
  },
  { ...base, format: ["cjs"], shims: true, clean: false },
]);
