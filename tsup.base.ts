import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Options } from "tsup";

/**
 * What every package's bundle has in common: ESM, CommonJS and types, for the oldest Node we support. A package that asks for
 * `import.meta.url` sets `shims` for CommonJS; they import Node's modules, which a browser has not. No source maps: the code is not
 * minified, and they would be half of what is published.
 */
export const base: Options = {
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  target: "node20",
  dts: true,
  sourcemap: false,
  clean: true,
};

/** `import text from "./file?raw"` inlines the file, as the test runner's bundler does by itself. */
export const rawText: NonNullable<Options["esbuildPlugins"]>[number] = {
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
