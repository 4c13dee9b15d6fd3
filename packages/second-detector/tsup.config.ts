import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { defineConfig, type Options } from "tsup";
import { base } from "../../tsup.base.js";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

/** `import text from "./file?raw"` inlines the file, as the test runner's bundler does by itself. */
const rawText: EsbuildPlugin = {
  name: "raw-text",
  setup(build) {
    build.onResolve({ filter: /\?raw$/ }, ({ path, importer }) => ({
      path: resolve(dirname(importer), path.replace(/\?raw$/, "")),
      namespace: "raw-text",
    }));
    build.onLoad({ filter: /.*/, namespace: "raw-text" }, async ({ path }) => ({
      contents: await readFile(path, "utf8"),
      loader: "text",
      watchFiles: [path],
    }));
  },
};

export default defineConfig({ ...base, esbuildPlugins: [rawText] });
