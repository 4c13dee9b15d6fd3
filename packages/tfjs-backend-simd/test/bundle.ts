import { resolve } from "node:path";
import { build } from "tsup";

/** Where bundles of test programs lie: inside the package, so that `simd-kernels` resolves. */
export const bundleFolder = resolve(import.meta.dirname, "../node_modules/.cache/test-programs");

/**
 * Bundles a test program with this package's sources and tfjs' module sources, one copy of each, for a process of its own.
 * @param name the program is `test/<name>/entry.ts`
 * @returns path of the program
 */
export async function bundleProgram(name: string): Promise<string> {
  const outDir = resolve(bundleFolder, name);
  await build({
    entry: [resolve(import.meta.dirname, name, "entry.ts")],
    config: false,
    format: "esm",
    target: "node20",
    outDir,
    noExternal: [/^(?!simd-kernels$)/], // which finds its addon beside its own files
    splitting: false,
    silent: true,
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
    esbuildOptions: (options) => {
      options.mainFields = ["module", "main"]; // one tfjs-core for the tests, the cpu backend and this package
      options.ignoreAnnotations = true; // tfjs-core lists its tests as free of side effects
    },
    esbuildPlugins: [
      {
        name: "no-jasmine",
        setup(bundle) {
          bundle.onResolve({ filter: /^jasmine-core\// }, () => ({ path: "jasmine-core", namespace: "none" }));
          bundle.onLoad({ filter: /./, namespace: "none" }, () => ({ contents: "exports.core = () => ({})" }));
        },
      },
    ],
  });
  return resolve(outDir, "entry.js");
}
