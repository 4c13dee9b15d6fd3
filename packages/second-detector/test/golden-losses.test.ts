import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { skipNote } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import { assignTargets, buildAnchors, builtinConfig, detectionLoss, type HeadOutputs } from "../src/index.js";
import { l2Error } from "./oracle/closeness.js";
import { goldenIndex, goldenSecond, goldenTensors, storedRows } from "./oracle/golden-second.js";

// Also brings the gradients that tfjs-core alone does not register.
registerSimdBackend();

/** Of each term; PyTorch's own float32, network included, is off by 2e-6. */
const LOSS_TOLERANCE = 1e-5;
/** By L2 norm. Here head outputs are given, so only the loss rounds: far below the 2e-3 that the whole network needs. */
const GRADIENT_TOLERANCE = 1e-5;

describe.skipIf(!goldenSecond)(`losses on real frames${skipNote("golden/second")}`, () => {
  const config = builtinConfig("second-mini");
  const names = ["cls", "box", "dir"] as const;

  function targets() {
    const anchors = buildAnchors(config);
    const inputs = goldenTensors("inputs");
    return [0, 1].map((sample) => {
      const [boxes, labels] = ["boxes", "labels"].map((name) => inputs.get(`${sample}/${name}`)!.data);
      return assignTargets({ boxes, labels }, anchors, config);
    });
  }

  function headOutputs(): tf.Tensor4D[] {
    const stored = goldenTensors("train");
    return names.map((name) => {
      const { shape, data } = stored.get(`head.${name}`)!;
      return tf.tensor4d(data as Float32Array, shape as [number, number, number, number]);
    });
  }

  describe.each(["cpu", "simd"])("on %s", (backend) => {
    beforeAll(async () => {
      await tf.setBackend(backend);
    });

    test("every term", () => {
      const [cls, box, dir] = headOutputs();
      const losses = detectionLoss({ cls, box, dir }, targets(), config);
      const expected = goldenIndex().scalars.train;
      for (const name of [...names, "det"] as const) {
        const error = Math.abs(losses[name].dataSync()[0] / expected[name] - 1);
        expect(error, name).toBeLessThanOrEqual(LOSS_TOLERANCE);
      }
    });

    test("gradient of their sum by every head output", () => {
      const samples = targets();
      const total = (...heads: tf.Tensor[]) => {
        const [cls, box, dir] = heads as tf.Tensor4D[];
        return detectionLoss({ cls, box, dir } satisfies HeadOutputs, samples, config).det;
      };
      const gradients = tf.grads(total)(headOutputs());
      const stored = goldenTensors("stage_gradients");
      const records = goldenIndex().tensors.stage_gradients;
      names.forEach((name, i) => {
        const actual = storedRows(gradients[i].dataSync(), records[`head.${name}`]);
        expect(l2Error(actual, stored.get(`head.${name}`)!.data), name).toBeLessThanOrEqual(GRADIENT_TOLERANCE);
      });
    });
  });
});
