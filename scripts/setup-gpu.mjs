// `pnpm setup:gpu`: runs the install step of @tensorflow/tfjs-node-gpu that a normal install leaves out, because it
// downloads a TensorFlow runtime of several hundred megabytes (and needs an NVIDIA GPU with CUDA to be of use).
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const loader = new URL("../packages/open-backend/package.json", import.meta.url);
const fromLoader = createRequire(loader);
let folder;
try {
  folder = dirname(fromLoader.resolve("@tensorflow/tfjs-node-gpu/package.json"));
} catch {
  console.error(
    "setup:gpu: expected @tensorflow/tfjs-node-gpu in node_modules, found none: run `npx pnpm@12.21.0 install` first.",
  );
  process.exit(1);
}

console.error(`setup:gpu: downloading the TensorFlow runtime into ${folder}`);
const install = spawnSync(process.execPath, [join("scripts", "install.js"), "gpu", "download"], {
  cwd: folder,
  stdio: "inherit",
});
if (install.status !== 0) {
  console.error(
    `setup:gpu: the install step ended with status ${install.status}. It downloads from storage.googleapis.com; check that this machine may. ` +
      "Everything else works without it: `--backend simd` is the default.",
  );
  process.exit(1);
}

const check = spawnSync(
  process.execPath,
  ["-e", "const tf = require('@tensorflow/tfjs-node-gpu'); console.log(tf.getBackend())"],
  {
    cwd: dirname(loader.pathname),
    encoding: "utf8",
  },
);
if (check.stdout?.trim() !== "tensorflow") {
  console.error(`setup:gpu: the runtime is there but does not load:\n${check.stderr}`);
  process.exit(1);
}
console.error("setup:gpu: done. Use it with `pnpm eloss train --backend tensorflow ...`.");
