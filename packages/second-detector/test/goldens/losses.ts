import * as tf from "@tensorflow/tfjs-core";
import { describe, test } from "vitest";
import { detectionLoss, type HeadOutputs } from "../../src/index.js";
import { expectGolden, expectNear, numberOf } from "./compare.js";
import { goldenConfig as config, goldenTargets } from "./golden-model.js";
import { goldenIndex, goldenTensors } from "./golden-second.js";
import type { Tolerances } from "./tolerances.js";

const PARTS = ["cls", "box", "dir"] as const;

/** The detection loss of the goldens' head outputs, and its gradient by them. */
export function lossCases(tolerances: Tolerances): void {
  describe("losses of given head outputs", () => {
    test("every term", async () => {
      const [cls, box, dir] = headOutputs();
      const losses = detectionLoss({ cls, box, dir }, goldenTargets(), config);
      const expected = goldenIndex().scalars.train;
      for (const name of [...PARTS, "det"] as const) {
        expectNear(await numberOf(losses[name]), expected[name], tolerances.loss, name);
      }
    });

    test("gradient of their sum by every head output", async () => {
      const targets = goldenTargets();
      const total = (...heads: tf.Tensor[]) => {
        const [cls, box, dir] = heads as tf.Tensor4D[];
        return detectionLoss({ cls, box, dir } satisfies HeadOutputs, targets, config).det;
      };
      const gradients = tf.grads(total)(headOutputs());
      const byName = new Map(PARTS.map((name, i) => [`head.${name}`, gradients[i]]));
      await expectGolden("stage_gradients", byName, { norm: "l2", tolerance: tolerances.headGradient });
    });
  });
}

function headOutputs(): tf.Tensor4D[] {
  const stored = goldenTensors("train");
  return PARTS.map((name) => {
    const { shape, data } = stored.get(`head.${name}`)!;
    return tf.tensor4d(data as Float32Array, shape as [number, number, number, number]);
  });
}
