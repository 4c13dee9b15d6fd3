import { build } from "esbuild";

/**
 * Bytes of minified code that a page gets with some functions of a package, beside TensorFlow.js, which is its user's own, and
 * laz-perf, which is loaded when a file needs it.
 * @param {string} folder of the built package
 * @param {string} names as in `import { names }`
 * @param {string} from the package or one of its entry points
 */
export async function bundledBytes(folder, names, from) {
  const { outputFiles } = await build({
    // The package sees itself by name.
    stdin: { contents: `import { ${names} } from "${from}"; globalThis.kept = [${names}];`, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    external: ["@tensorflow/*", "node:*", "laz-perf"],
    logLevel: "silent",
  });
  return outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
}
