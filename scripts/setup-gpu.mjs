// `pnpm setup:gpu`: runs the install step of @tensorflow/tfjs-node-gpu that a normal install leaves out, because it
// downloads a TensorFlow runtime of several hundred megabytes (and needs an NVIDIA GPU with CUDA to be of use).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const opener = fileURLToPath(new URL("../packages/open-backend/", import.meta.url));
const fromOpener = createRequire(join(opener, "package.json"));
let folder;
try {
  folder = dirname(fromOpener.resolve("@tensorflow/tfjs-node-gpu/package.json"));
} catch {
  fail("expected @tensorflow/tfjs-node-gpu in node_modules, found none: run `npx pnpm@12.21.0 install` first.");
}
if (!existsSync(join(opener, "dist", "index.js"))) fail("expected a built tree: run `npx pnpm@12.21.0 build` first.");

console.error(`setup:gpu: downloading the TensorFlow runtime into ${folder}`);
const install = spawnSync(process.execPath, [join("scripts", "install.js"), "gpu", "download"], {
  cwd: folder,
  stdio: "inherit",
});
if (install.status !== 0) {
  fail(
    `the install step ended with status ${install.status}. It downloads from storage.googleapis.com; check that this machine may. ` +
      "Everything else works without it: `--backend simd` is the default.",
  );
}

// As the commands open it. A runtime may load and fail at its first operation, so one with a gradient is computed.
const check = spawnSync(
  process.execPath,
  [
    "--input-type=module",
    "-e",
    `const { useBackend } = await import("./dist/index.js");
     const { description, notes } = await useBackend("tensorflow");
     const tf = await import("@tensorflow/tfjs-core");
     const filter = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
     const slope = tf.grad((x) => tf.sum(tf.conv2d(x, filter, 1, "valid")))(tf.ones([1, 3, 3, 1]));
     const sum = tf.sum(slope).dataSync()[0];
     if (sum !== 40) throw new Error("expected 40 of a convolution's gradient, got " + sum);
     console.log([description, ...notes].join("\\n"));`,
  ],
  { cwd: opener, encoding: "utf8" },
);
if (check.status !== 0) fail(`the runtime is there but does not compute:\n${check.stderr}`);
console.error(`setup:gpu: ${check.stdout.trim()}`);
console.error("setup:gpu: done. Use it with `pnpm eloss train --backend tensorflow ...`.");

function fail(reason) {
  console.error(`setup:gpu: ${reason}`);
  process.exit(1);
}
