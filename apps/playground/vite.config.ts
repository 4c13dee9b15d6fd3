import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import { encodeCalibration, encodeScan } from "kitti-io";
import { simulateFrame } from "kitti-sim";
import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

/** `virtual:example-scan`: a simulated street as its files, scan and image as data URLs. */
function exampleScan(): Plugin {
  const name = "virtual:example-scan";
  const dataUrl = (kind: string, bytes: Uint8Array) => `data:${kind};base64,${Buffer.from(bytes).toString("base64")}`;
  return {
    name: "example-scan",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return;
      const { points, image, calibration } = simulateFrame({ seed: 1, frame: 3, field: "camera" });
      const picture = encode({ ...image, channels: 3, depth: 8 }, { zlib: { level: 9 } });
      const files = {
        scan: dataUrl("application/octet-stream", encodeScan(points)),
        image: dataUrl("image/png", picture),
        imageSize: { width: image.width, height: image.height },
        calibration: encodeCalibration(calibration),
      };
      return Object.entries(files)
        .map(([key, value]) => `export const ${key} = ${JSON.stringify(value)};`)
        .join("\n");
    },
  };
}

export default defineConfig({
  base: "./",
  resolve: {
    alias: [{ find: /^laz-perf$/, replacement: fileURLToPath(new URL("src/laz-perf.ts", import.meta.url)) }],
  },
  plugins: [exampleScan(), viteSingleFile()],
  worker: { format: "iife" },
  build: {
    target: ["chrome110", "firefox110", "safari16"],
    assetsInlineLimit: Number.MAX_SAFE_INTEGER, // one file, which opens from a disk too
    chunkSizeWarningLimit: 10_000,
  },
});
