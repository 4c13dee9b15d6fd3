import { encodeScan } from "kitti-io";
import { simulateFrame } from "kitti-sim";
import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

/** `import bytes from "virtual:example-scan"`: a simulated scan in KITTI's format, as a data URL. */
function exampleScan(): Plugin {
  const name = "virtual:example-scan";
  return {
    name: "example-scan",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return;
      return `export default "data:application/octet-stream;base64,${Buffer.from(encodeScan(simulateFrame({ seed: 1, frame: 3, field: "camera" }).points)).toString("base64")}";`;
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [exampleScan(), viteSingleFile()],
  worker: { format: "iife" },
  build: {
    target: ["chrome110", "firefox110", "safari16"],
    assetsInlineLimit: Number.MAX_SAFE_INTEGER, // one file, which opens from a disk too
    chunkSizeWarningLimit: 10_000,
  },
});
