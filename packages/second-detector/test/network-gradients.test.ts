import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, randomFloats, seededRandom, slopeAtZero } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  assignTargets,
  buildAnchors,
  createWeights,
  disposeWeights,
  type ForwardResult,
  forwardDetector,
  lossGradients,
  trainingLoss,
  weightsFromArrays,
  weightsToArrays,
} from "../src/index.js";
import { batchFor, batchOf, lossAlong, meanSquareLoss, randomScan } from "./tiny/tiny-batch.js";
import { encoderKinds, tinyConfig } from "./tiny/tiny-config.js";

registerSimdBackend();

const config = tinyConfig();

/**
 * Weights and the step of the central difference for each. Between the rounding of a float32 loss (which asks for large
 * steps) and the kinks of ReLU (small ones); the first layers move everything behind them, so theirs are smaller.
 */
const COMMON_STEPS = {
  "backbone.block0.0.weight": 3e-4,
  "backbone.block1.1.bn.beta": 1e-3,
  "neck.1.weight": 1e-3,
  "head.cls.weight": 1e-3,
  "head.dir.bias": 1e-3,
};
const STEPS = {
  sparse: {
    "encoder.input.weight": 1e-4,
    "encoder.stage2.0.weight": 3e-4,
    "encoder.output.bn.gamma": 1e-3,
    ...COMMON_STEPS,
  },
  pillars: {
    "encoder.points.0.weight": 3e-4,
    "encoder.points.0.bn.gamma": 1e-3,
    "encoder.points.0.bn.beta": 1e-3,
    ...COMMON_STEPS,
  },
  pointnet: {
    "encoder.points.0.weight": 3e-4,
    "encoder.points.1.bn.beta": 1e-3,
    "encoder.points.2.weight": 1e-3,
    ...COMMON_STEPS,
  },
};
/** Of the slope: 1 % of rounding and kinks, as the error grows no smaller below these steps. */
const SLOPE = { relative: 0.02 };

describe("gradients through the whole network", () => {
  const everyKind = encoderKinds.flatMap((kind) => ["cpu", "simd"].map((backend) => [kind, backend] as const));

  test.each(everyKind)("agree with central differences, %s encoder on %s", async (kind, backend) => {
    await tf.setBackend(backend);
    const config = tinyConfig(kind);
    const rng = seededRandom(12);
    const fresh = createWeights(config, rng);
    const arrays = await weightsToArrays(fresh);
    disposeWeights(fresh);
    // Fresh heads are so faint that what lies before them would not show in the loss.
    for (const part of ["cls", "box", "dir"]) {
      const { shape, data } = arrays.get(`head.${part}.weight`)!;
      arrays.set(`head.${part}.weight`, { shape, data: data.map((w) => 30 * w) });
    }
    const batch = batchFor(config, randomScan(120, rng), randomScan(150, rng));
    const weights = weightsFromArrays(config, arrays);
    const pass = lossGradients(weights, batch, { config, loss: meanSquareLoss });
    for (const [name, step] of Object.entries(STEPS[kind])) {
      const { data } = arrays.get(name)!;
      const gradient = pass.gradients[name].dataSync() as Float32Array;
      // Half along the gradient, so that the slope is no accident of small numbers; half at random.
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const noise = randomFloats(rng, data.length).map((v) => (0.5 * v) / Math.sqrt(data.length));
      const direction = noise.map((v, i) => v + gradient[i] / norm);
      const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
      const along = lossAlong(name, direction, { config, batch, arrays });
      expectClose(slopeAtZero(along, step), slope, { ...SLOPE, label: name });
    }
    tf.dispose(pass);
    disposeWeights(weights);
  });
});

describe("trainingLoss", () => {
  const anchors = buildAnchors(config);
  const box = [4, 0, -1, 3.9, 1.6, 1.56, 0];
  const targets = [assignTargets({ boxes: box, labels: [0] }, anchors, config)];

  beforeAll(async () => {
    await tf.setBackend("simd");
  });

  test("loss = det + extra, det = cls + box + dir, and the report of the extra loss is passed on, however deep", () => {
    const weights = createWeights(config, seededRandom(13));
    const batch = batchOf(randomScan(100, seededRandom(14)));
    const before = tf.memory().numTensors;
    const extraLoss = (taps: ForwardResult["taps"]) => ({
      loss: tf.mean(taps[0][0]) as tf.Scalar,
      report: { blocks: taps.map((block, name) => ({ name, means: block.map((tap) => tf.mean(tap)) })) },
    });
    const pass = lossGradients(weights, batch, { config, loss: trainingLoss({ config, targets, extraLoss }) });
    const value = (scalar: tf.Tensor) => scalar.dataSync()[0];
    const { cls, box, dir, det, extra } = pass.report.losses;
    expect(value(det)).toBeCloseTo(value(cls) + value(box) + value(dir), 5);
    expect(value(pass.loss)).toBeCloseTo(value(det) + value(extra), 5);
    expect(value(extra)).toBeGreaterThan(0);
    const { blocks } = pass.report.extra!;
    expect(blocks.map(({ name, means }) => [name, means.length])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(value(blocks[0].means[0])).toBe(value(extra));
    expect(Object.keys(pass.gradients)).toEqual([...weights.trainable.keys()]);

    const plain = lossGradients(weights, batch, { config, loss: trainingLoss({ config, targets }) });
    expect(value(plain.report.losses.extra)).toBe(0);
    expect(plain.report.extra).toBeUndefined();
    // The mean of the first tap reaches nothing behind it.
    const [head, tap] = ["head.box.weight", "backbone.block0.0.bn.beta"];
    expect(plain.gradients[head].dataSync()).toEqual(pass.gradients[head].dataSync());
    expect(plain.gradients[tap].dataSync()).not.toEqual(pass.gradients[tap].dataSync());
    tf.dispose([pass, plain]);
    expect(tf.memory().numTensors).toBe(before);
    // What comes back belongs to the scope around, like any other result.
    tf.tidy(() => void lossGradients(weights, batch, { config, loss: trainingLoss({ config, targets, extraLoss }) }));
    expect(tf.memory().numTensors).toBe(before);
    disposeWeights(weights);
  });

  test("the same input gives the same bits", () => {
    const weights = createWeights(config, seededRandom(15));
    const batch = batchOf(randomScan(100, seededRandom(16)));
    const [first, second] = [0, 1].map(() =>
      lossGradients(weights, batch, { config, loss: trainingLoss({ config, targets }) }),
    );
    for (const name of weights.trainable.keys()) {
      expect(second.gradients[name].dataSync(), name).toEqual(first.gradients[name].dataSync());
    }
    tf.dispose([first, second]);
    disposeWeights(weights);
  });

  test("says so when tfjs has no gradients, or weights or batch are of another network", () => {
    const weights = createWeights(config, seededRandom(17));
    const batch = batchOf(randomScan(20, seededRandom(18)));
    const gradient = tf.getGradient("Conv2D");
    tf.unregisterGradient("Conv2D");
    expect(() => lossGradients(weights, batch, { config, loss: trainingLoss({ config, targets }) })).toThrow(
      "lossGradients: expected tfjs gradients to be registered, got none",
    );
    tf.registerGradient(gradient);
    const deeper = { ...config, backbone: { ...config.backbone, layers: [2, 1] } };
    expect(() => forwardDetector(weights, batch, { config: deeper })).toThrow(
      "forwardDetector: expected a weight named backbone.block0.2.weight, got none",
    );
    const shorter = { ...batch, rulebooks: batch.rulebooks.slice(1) };
    expect(() => forwardDetector(weights, shorter, { config })).toThrow(
      "forwardDetector: expected 12 rulebooks in batch, got 11",
    );
    disposeWeights(weights);
  });
});
