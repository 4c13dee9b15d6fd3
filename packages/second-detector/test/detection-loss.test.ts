import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, expectGradient, randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import { type AnchorTargets, builtinConfig, detectionLoss } from "../src/index.js";
import { lossOracle } from "./oracle/detection-loss.js";

// Also brings the gradients that tfjs-core alone does not register.
registerSimdBackend();

/** Relative, of each term: float32 elements, some hundred of them. */
const VALUE = { relative: 2e-6 };
/** Float32 gradients against central differences in float64. */
const GRADIENT = { step: 1e-5, ofLargest: 2e-6 };

const { classes, loss } = builtinConfig("second-mini");
const parts = ["cls", "box", "dir"] as const;
const columns = { cls: classes.length, box: 7, dir: 2 };

/** 2 × 3 cells of 2 anchors; labels by sample. */
function targetsOf(labels: readonly number[], rng: () => number): AnchorTargets {
  const positives = Int32Array.from([...labels.keys()].filter((i) => labels[i] > 0));
  return {
    labels: Int32Array.from(labels),
    positives,
    boxIndices: new Int32Array(positives.length),
    codes: randomFloats(rng, positives.length * 7),
    directions: positives.map(() => Math.floor(2 * rng())),
  };
}

function headOf(batch: number, rng: () => number, scale = 3): tf.Tensor4D[] {
  return parts.map((part) => {
    const values = randomFloats(rng, batch * 12 * columns[part]).map((value) => value * scale);
    return tf.tensor4d(values, [batch, 2, 3, 2 * columns[part]]);
  });
}

function lossOf([cls, box, dir]: tf.Tensor4D[], targets: readonly AnchorTargets[], numbers = loss) {
  return detectionLoss({ cls, box, dir }, targets, { classes, loss: numbers });
}

const scenes: [string, number[][]][] = [
  ["one sample", [[0, 1, 0, 0, 2, -1, 0, 0, 3, 3, 0, -1]]],
  [
    "two samples of different counts",
    [
      [0, 1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0],
      [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
  ],
  [
    "one sample without positives",
    [
      [0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0],
      [0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
  ],
  ["no positives at all", [new Array(12).fill(0)]],
  ["everything ignored", [new Array(12).fill(-1)]],
  ["everything positive", [new Array(12).fill(2)]],
];

describe.each(["cpu", "simd"])("detectionLoss on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("by hand: all outputs zero", () => {
    const targets = targetsOf([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1], seededRandom(1));
    targets.codes.set([0.05, 0, 0, 1, 0, 0, -Math.PI / 2]);
    const head = parts.map((part) => tf.zeros([1, 2, 3, 2 * columns[part]])) as tf.Tensor4D[];
    const losses = lossOf(head, [targets]);
    // σ(0) = ½, so each logit costs α·¼·ln 2; 11 anchors take part: 1 logit is positive, 32 are background
    expectClose(losses.cls.dataSync(), [((0.25 + 32 * 0.75) / 4) * Math.LN2], { ofLargest: 1e-6 });
    // β = 1/9: 0.05²·9/2 + (1 − 1/18) + (sin(π/2) − 1/18), twice
    expectClose(losses.box.dataSync(), [2 * (0.01125 + 17 / 18 + 17 / 18)], { ofLargest: 1e-6 });
    expectClose(losses.dir.dataSync(), [0.2 * Math.LN2], { ofLargest: 1e-6 });
    const sum = parts.reduce((total, part) => total + losses[part].dataSync()[0], 0);
    expectClose(losses.det.dataSync(), [sum], { ofLargest: 1e-6 });
  });

  test.each(scenes)("value and gradients agree with float64 formulas: %s", (_, labels) => {
    const rng = seededRandom(labels.length * 7 + labels[0].filter((label) => label > 0).length);
    const targets = labels.map((row) => targetsOf(row, rng));
    const head = headOf(labels.length, rng);
    const arrays = head.map((tensor) => tensor.dataSync() as ArrayLike<number>);
    const oracle = ([cls, box, dir]: ArrayLike<number>[]) => lossOracle({ cls, box, dir }, targets, loss);
    const losses = lossOf(head, targets);
    for (const part of parts) expectClose(losses[part].dataSync(), [oracle(arrays)[part]], { ...VALUE, label: part });

    const gradients = tf.grads((...x: tf.Tensor[]) => lossOf(x as tf.Tensor4D[], targets).det)(head);
    parts.forEach((part, i) => {
      const total = (moved: Float64Array) => {
        const { cls, box, dir } = oracle(arrays.with(i, moved));
        return cls + box + dir;
      };
      expectGradient(gradients[i].dataSync(), total, { at: arrays[i], ...GRADIENT, label: part });
    });
  });

  test("another exponent of the focal term", () => {
    const rng = seededRandom(5);
    const targets = [targetsOf(scenes[0][1][0], rng)];
    const head = headOf(1, rng);
    const numbers = { ...loss, focalGamma: 1.5 };
    const [cls, box, dir] = head.map((tensor) => tensor.dataSync());
    const expected = lossOracle({ cls, box, dir }, targets, numbers);
    expectClose(lossOf(head, targets, numbers).cls.dataSync(), [expected.cls], VALUE);
  });

  test("large logits stay finite, in value and gradient", () => {
    const rng = seededRandom(6);
    const targets = [targetsOf(scenes[0][1][0], rng)];
    const head = headOf(1, rng, 1e4);
    const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) => lossOf(x as tf.Tensor4D[], targets).det)(head);
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    for (const gradient of grads) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
  });

  test("yaws a whole turn apart cost the same; so do half a turn, which the direction tells apart", () => {
    const rng = seededRandom(7);
    const targets = [targetsOf(scenes[0][1][0], rng)];
    const head = headOf(1, rng, 1);
    const turned = (angle: number) => {
      const values = head[1].dataSync().map((value, i) => (i % 7 === 6 ? value + angle : value));
      return lossOf([head[0], tf.tensor4d(values, head[1].shape), head[2]], targets).box.dataSync();
    };
    expectClose(turned(2 * Math.PI), turned(0), { ofLargest: 1e-5 });
    expectClose(turned(Math.PI), turned(0), { ofLargest: 1e-5 });
  });

  test("frees everything but its four results", () => {
    const rng = seededRandom(8);
    const targets = [targetsOf(scenes[0][1][0], rng)];
    const head = headOf(1, rng);
    const before = tf.memory().numTensors;
    lossOf(head, targets);
    expect(tf.memory().numTensors - before).toBe(4);
  });

  test("errors", () => {
    const rng = seededRandom(9);
    const targets = targetsOf(scenes[0][1][0], rng);
    const head = headOf(1, rng);
    expect(() => lossOf(head, [targets, targets])).toThrow(
      "detectionLoss: expected one entry of targets per scan, 1, got 2",
    );
    const short = { ...targets, labels: targets.labels.slice(1) };
    expect(() => lossOf(head, [short])).toThrow("expected targets of 12 anchors for head.cls [1,2,3,6], got 11");
  });
});
