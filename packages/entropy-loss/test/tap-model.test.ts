import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { expectClose, slopeAtZero } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import { entropyLoss } from "../src/index.js";
import { tapModel } from "../src/layers.js";

/** Two convolutions of one shape, pooling, two dense layers of one shape, two classes. */
function smallModel(): layers.Sequential {
  const start = (seed: number) => layers.initializers.glorotNormal({ seed });
  const convolution = (name: string, seed: number, inputShape?: number[]) =>
    layers.layers.conv2d({
      name,
      filters: 12,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: start(seed),
      inputShape,
    });
  const dense = (name: string, units: number, seed: number) =>
    layers.layers.dense({ name, units, activation: "tanh", kernelInitializer: start(seed) });
  return layers.sequential({
    layers: [
      convolution("conv1", 1, [6, 6, 2]),
      convolution("conv2", 2),
      layers.layers.globalAveragePooling2d({ name: "pool" }),
      dense("fc1", 8, 3),
      dense("fc2", 8, 4),
      dense("classes", 2, 5),
    ],
  });
}

const blocks = [
  ["conv1", "conv2"],
  ["fc1", "fc2"],
];

describe.each(["cpu", "simd"])("tapModel on %s", (backend) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });
  const input = () => tf.randomNormal([5, 6, 6, 2], 0, 1, "float32", 7);

  it("gives what the layers give one after the other, and the model's own output", () => {
    const model = smallModel();
    const { outputs, taps } = tapModel(model, { blocks })(input());
    let x: tf.Tensor = input();
    for (const layer of model.layers) {
      x = layer.apply(x) as tf.Tensor;
      const at = blocks.flat().indexOf(layer.name);
      if (at >= 0) expect([...taps.flat()[at].dataSync()]).toEqual([...x.dataSync()]);
    }
    expect(outputs).toHaveLength(1);
    expect([...outputs[0].dataSync()]).toEqual([...x.dataSync()]);
    expect(taps.map((block) => block.map(({ shape }) => shape))).toEqual([
      [
        [5, 6, 6, 12],
        [5, 6, 6, 12],
      ],
      [
        [5, 8],
        [5, 8],
      ],
    ]);
  });

  it("gradients of the loss reach the weights below the taps: central differences along the gradient", () => {
    const model = smallModel();
    const tapped = tapModel(model, { blocks });
    const x = input();
    const lossOf = () => entropyLoss(tapped(x).taps, { l2: "neg_square" }).loss;
    const kernels = ["conv1", "conv2", "fc1", "fc2"].map((name) => model.getLayer(name).trainableWeights[0]);
    const variables = kernels.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(lossOf, variables);
    for (const variable of variables) {
      const gradient = grads[variable.name];
      const size = tf.norm(gradient).dataSync()[0];
      expect(size).toBeGreaterThan(1e-3);
      const start = variable.clone();
      const at = (by: number) => {
        variable.assign(tf.add(start, tf.mul(gradient, by / size)));
        return lossOf().dataSync()[0];
      };
      const slope = slopeAtZero(at, 2e-3);
      variable.assign(start);
      // the float32 loss is good to 1e-6, which is 5e-4 in the slope; ReLUs that switch within the step add some
      expectClose(slope, size, { relative: 0.02, absolute: 5e-4 });
    }
  });

  it("follows the model's weights and adds none", () => {
    const model = smallModel();
    const tapped = tapModel(model, { blocks: [["conv1", "conv2"]] });
    const weights = model.getLayer("conv1").getWeights();
    model.getLayer("conv1").setWeights(weights.map((weight) => tf.zerosLike(weight)));
    expect(tf.max(tf.abs(tapped(input()).taps[0][0])).dataSync()[0]).toBe(0);
    const before = tf.memory().numTensors;
    tapModel(model, { blocks });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("dropout only in training", () => {
    const model = layers.sequential({
      layers: [layers.layers.dropout({ name: "drop", rate: 0.5, seed: 1, inputShape: [40] })],
    });
    const tapped = tapModel(model, { blocks: [["drop"]] });
    const zeros = (training: boolean) =>
      tapped(tf.ones([4, 40]), { training })
        .taps[0][0].dataSync()
        .filter((v) => v === 0).length;
    expect(zeros(false)).toBe(0);
    expect(zeros(true)).toBeGreaterThan(0);
  });
});

describe("refuses", () => {
  const shared = layers.layers.dense({ name: "shared", units: 3 });
  const first = layers.input({ shape: [3] });
  const twice = layers.model({ inputs: first, outputs: shared.apply(shared.apply(first)) as layers.SymbolicTensor });
  const sequence = layers.sequential({
    layers: [layers.layers.reshape({ name: "rows", targetShape: [2, 3], inputShape: [6] })],
  });
  it.each([
    [() => tapModel({} as layers.LayersModel, { blocks }), "tapModel: expected a LayersModel for model"],
    [() => tapModel(smallModel(), { blocks: [] }), "expected at least one block of at least one layer name"],
    [() => tapModel(smallModel(), { blocks: [[]] }), "expected at least one block of at least one layer name"],
    [() => tapModel(smallModel(), { blocks: [["conv9"]] }), "expected names among conv1, conv2, pool"],
    [
      () => tapModel(smallModel(), { blocks: [["conv1", "fc1"]] }),
      "expected the shape [any,6,6,12] of its block for layer fc1, got [any,8]",
    ],
    [() => tapModel(twice, { blocks: [["shared"]] }), "expected a layer used once and with one output for shared"],
    [() => tapModel(sequence, { blocks: [["rows"]] }), "[B,H,W,C] or [B,F] for the output of rows, got [any,2,3]"],
  ])("%#", (call, message) => {
    expect(call).toThrow(message);
  });
});
