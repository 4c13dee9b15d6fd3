import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
import { registerSimdBackend } from "../../src/index.js";

// Evaluated after the shim and before the tests, which declare their specs for the environments known by then.
registerSimdBackend();
const [backendName, brokenKernel] = process.argv.slice(3);
if (brokenKernel) {
  const identity = tf.getKernel("Identity", backendName);
  tf.unregisterKernel(brokenKernel, backendName);
  tf.registerKernel({ ...identity, kernelName: brokenKernel });
}
setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);
