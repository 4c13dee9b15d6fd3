import { defineConfig } from "tsup";
import { base } from "../../tsup.base.js";
import { licencePlugin } from "./licence-plugin.js";

/** The node functions, and what they put into a page: one script for each kind of page, and their common style. */
export default defineConfig([
  { ...base, format: ["esm"], dts: false, clean: false },
  {
    entry: {
      report: "browser/report.ts",
      viewer: "browser/viewer.ts",
      experiment: "browser/experiment.ts",
      "configuration-page": "browser/configuration-page.ts",
      "explanation-page": "browser/explanation-page.ts",
      page: "browser/page.css",
    },
    outDir: "dist/page",
    format: ["iife"],
    outExtension: () => ({ js: ".js" }),
    platform: "browser",
    target: ["chrome110", "firefox110", "safari16"],
    noExternal: [/.*/],
    minify: true,
    esbuildPlugins: [licencePlugin],
    clean: false,
  },
]);
