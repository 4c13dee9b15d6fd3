import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, seededRandom, slopeAtZero } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  AdamW,
  assignTargets,
  buildAnchors,
  builtinConfig,
  builtinConfigText,
  type CameraBatch,
  collateCameras,
  createWeights,
  type DetectorBatch,
  type DetectorConfig,
  detectorLayers,
  disposeWeights,
  forwardDetector,
  InferenceNetwork,
  lossGradients,
  parseDetectorConfig,
  prepareImage,
  trainingLoss,
  updateRunningStatistics,
  weightShapes,
  weightsFromArrays,
  weightsToArrays,
} from "../src/index.js";
import { batchFor, lossAlong, meanSquareLoss, randomScan } from "./tiny/tiny-batch.js";
import { tinyCameraConfig, tinyFusions } from "./tiny/tiny-camera.js";
import { withRandomNorms } from "./tiny/trained-arrays.js";

registerSimdBackend();

const FUSIONS = Object.entries(tinyFusions);
/** Two float32 passes in another order, of the largest entry. */
const ROUNDING = { ofLargest: 1e-5 };

/** Two scans with an image of noise each. */
function batchOf(config: DetectorConfig, seed: number): DetectorBatch {
  const rng = seededRandom(seed);
  const batch = batchFor(config, randomScan(150, rng), randomScan(120, rng));
  const cameras = [0, 1].map(() => {
    const data = Uint8Array.from({ length: 3 * 90 * 50 }, () => 256 * rng());
    const image = prepareImage({ data, width: 90, height: 50 }, config.camera!.image);
    return { image, lidarToImage: Float64Array.of(40, -8, 0, 0, 16, 0, -8, 0, 1, 0, 0, 0) };
  });
  return { ...batch, camera: collateCameras(cameras, config) };
}

beforeAll(async () => {
  await tf.setBackend("simd");
});

describe.each(FUSIONS)("a detector with a camera: %s", (_, fusion) => {
  const config = tinyCameraConfig(fusion, { kind: "project", height: -1 });
  const anchors = buildAnchors(config);
  const targets = [0, 1].map(() =>
    assignTargets({ boxes: [4, 0, -1, 3.9, 1.6, 1.56, 0], labels: [0] }, anchors, config),
  );

  test("one optimiser step moves all that is trainable and nothing that is frozen", async () => {
    const weights = createWeights(config, seededRandom(1));
    const before = await weightsToArrays(weights);
    const optimizer = new AdamW(weights.trainable, { betas: [0.9, 0.99], weightDecay: 0.01 });
    const pass = lossGradients(weights, batchOf(config, 2), { config, loss: trainingLoss({ config, targets }) });
    optimizer.step(pass.gradients, { learningRate: 1e-3 });
    updateRunningStatistics(weights, pass.batchStatistics, { momentum: 0.1 });
    const after = await weightsToArrays(weights);
    for (const name of weights.trainable.keys())
      expect(after.get(name)!.data, name).not.toEqual(before.get(name)!.data);
    for (const name of weights.frozen.keys()) expect(after.get(name)!.data, name).toEqual(before.get(name)!.data);
    // The image's norms keep their statistics; those that learn do not.
    const mean = "camera.resnet.stage3.0.first.bn.mean";
    expect(after.get(mean)!.data).toEqual(before.get(mean)!.data);
    expect(after.get("camera.join.bn.mean")!.data).not.toEqual(before.get("camera.join.bn.mean")!.data);
    tf.dispose(pass);
    disposeWeights(weights);
  });

  test("InferenceNetwork computes what the pass in evaluation mode does", async () => {
    const fresh = createWeights(config, seededRandom(3));
    const arrays = withRandomNorms(await weightsToArrays(fresh), seededRandom(4));
    disposeWeights(fresh);
    const weights = weightsFromArrays(config, arrays);
    const batch = batchOf(config, 5);
    const before = tf.memory().numTensors;
    const expected = forwardDetector(weights, batch, { config });
    const network = new InferenceNetwork(arrays, config);
    const head = network.run(batch);
    for (const part of ["cls", "box", "dir"] as const) {
      expectClose(head[part].dataSync(), expected.head[part].dataSync(), { ...ROUNDING, label: part });
    }
    expect(() => network.run({ ...batch, camera: undefined })).toThrow(
      "runCamera: expected images in the batch, got none",
    );
    network.dispose();
    tf.dispose([expected, head.cls, head.box, head.dir]);
    expect(tf.memory().numTensors).toBe(before);
    disposeWeights(weights);
  });

  test("every scan sees its own image", () => {
    const resized = tinyCameraConfig(fusion);
    const weights = createWeights(resized, seededRandom(6));
    const batch = batchOf(resized, 7);
    const imagesOf = (each: DetectorBatch) => {
      let image: Float32Array | undefined;
      const onStage = (name: string, stage: tf.Tensor) => {
        if (name === "camera.image") image = stage.dataSync().slice() as Float32Array;
        return undefined;
      };
      tf.dispose(forwardDetector(weights, each, { config: resized, onStage }));
      return image!;
    };
    const [plain, exchanged] = [batch, { ...batch, camera: swapImages(batch.camera!) }].map(imagesOf);
    const half = plain.length / 2;
    expectClose(exchanged.subarray(0, half), plain.subarray(half), ROUNDING);
    expectClose(exchanged.subarray(half), plain.subarray(0, half), ROUNDING);
    disposeWeights(weights);
  });
});

function swapImages({ pixels, ...size }: CameraBatch): CameraBatch {
  const half = pixels.length / 2;
  const exchanged = new Float32Array(pixels.length);
  exchanged.set(pixels.subarray(half));
  exchanged.set(pixels.subarray(0, half), half);
  return { ...size, pixels: exchanged };
}

describe("dropout of the fusion", () => {
  const config = tinyCameraConfig({ ...tinyFusions.concat, dropout: 0.25 });

  test("zeroes a quarter of X, lets the rest grow by a third, and draws from the numbers given", () => {
    const weights = createWeights(config, seededRandom(8));
    const batch = batchOf(config, 9);
    const mapsWith = (rng: () => number) => {
      let maps: Float32Array | undefined;
      const onStage = (name: string, stage: tf.Tensor) => {
        if (/^camera.reduce(Image|Lidar)$/.test(name)) return tf.onesLike(stage);
        if (name === "camera.maps") maps = stage.dataSync().slice() as Float32Array;
        return undefined;
      };
      tf.dispose(forwardDetector(weights, batch, { config, training: true, rng, onStage }));
      return maps!;
    };
    const [first, again, other] = [10, 10, 11].map((seed) => mapsWith(seededRandom(seed)));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    // 320 numbers: a quarter of them, give or take four standard deviations of 7.7
    const zeros = first.filter((v) => v === 0).length;
    expect(first.length).toBe(320);
    expect(Math.abs(zeros - 80)).toBeLessThan(31);
    for (const v of first) if (v !== 0) expect(v).toBeCloseTo(4 / 3, 6);
    disposeWeights(weights);
  });

  test("asks for numbers in training, for none at inference", () => {
    const weights = createWeights(config, seededRandom(12));
    const batch = batchOf(config, 13);
    tf.dispose(forwardDetector(weights, batch, { config }));
    expect(() => lossGradients(weights, batch, { config, loss: meanSquareLoss })).toThrow(
      "fuseMaps: expected an rng to train with dropout, got none",
    );
    disposeWeights(weights);
  });
});

describe("frozen stages", () => {
  test.each([
    [0, 0],
    [1, 5],
    [2, 10],
    [4, 20],
  ])("%i: %i filters beside the norms", (frozenStages, filters) => {
    const config = tinyCameraConfig(tinyFusions.concat);
    const { camera } = config;
    const resnet = { ...camera.resnet, frozenStages };
    const { frozen } = weightShapes({ ...config, camera: { ...camera, resnet } });
    const names = [...frozen.keys()];
    expect(names.every((name) => name.startsWith("camera.resnet."))).toBe(true);
    // stem, then four convolutions a stage and a skip in each but the first
    expect(names.filter((name) => name.endsWith(".weight"))).toHaveLength(filters);
    expect(names.filter((name) => name.endsWith(".bn.gamma"))).toHaveLength(20);
  });
});

describe("configurations with a camera", () => {
  test.each([
    ["second-resnet", 1536],
    ["second-resnet-correlation", 256],
    ["second-resnet-correlation-gnn", 256],
    ["second-resnet-correlation-gnn-fpn", 512],
  ] as const)("%s joins %i channels to 512", (name, joined) => {
    const { camera, head } = detectorLayers(builtinConfig(name));
    expect([camera!.fusion.join.inChannels, camera!.fusion.join.outChannels]).toEqual([joined, 512]);
    expect(head.cls.inChannels).toBe(512);
    expect(camera!.fpn.lateral.map(({ inChannels }) => inChannels)).toEqual([128, 512]);
  });

  test.each([
    ["second-resnet-small", 192],
    ["second-resnet-correlation-gnn-fpn-small", 256],
  ] as const)("%s joins %i channels to second-small's 64, and trains all of its ResNet", (name, joined) => {
    const { camera, head } = detectorLayers(builtinConfig(name));
    expect([camera!.fusion.join.inChannels, camera!.fusion.join.outChannels]).toEqual([joined, 64]);
    expect(head.cls.inChannels).toBe(64);
    const { frozen } = weightShapes(builtinConfig(name));
    expect([...frozen.keys()].filter((each) => /\.(weight|bias)$/.test(each))).toEqual([]); // but its norms
  });

  test("have ResNet-18's number of parameters: 11 176 512 with three colours, norms included", () => {
    // torchvision's resnet18 has 11 689 512, of which 513 000 are in its classifier.
    const { trainable, frozen } = weightShapes(builtinConfig("second-resnet"));
    const sizes = [...trainable, ...frozen]
      .filter(([name]) => name.startsWith("camera.resnet."))
      .map(([, shape]) => shape.reduce((product, n) => product * n, 1));
    expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(11_176_512);
  });

  test.each([
    ["outputs: [2, 4]", "outputs: [4, 2]", "camera.resnet.outputs[1]: expected a stage after 4, got 2"],
    ["kind: resize", "kind: stretch", 'camera.alignment.kind: expected resize or project, got "stretch"'],
    ["kind: concat", "kind: sum", 'camera.fusion.kind: expected concat or graph, got "sum"'],
    [
      "testSize: [1333, 800]",
      "testSize: [800, 1333]",
      "camera.image.testSize[1]: expected at most the longest side 800",
    ],
    ["[2560, 768]]", "[320, 768]]", "camera.image.trainSizes[1][0]: expected at least 640, got 320"],
    ["dropout: 0.2", "dropout: 1", "camera.fusion.dropout: expected a number below 1, got 1"],
  ])("name the fault where %s is %s", (good, bad, message) => {
    const text = builtinConfigText("second-resnet").replace(good, bad);
    expect(() => parseDetectorConfig(text)).toThrow(message);
  });
});

describe("gradients through the graph layers", () => {
  const config = tinyCameraConfig(tinyFusions.fpn, { kind: "project", height: -1 });
  /** Weights and the step for each: between the rounding of a float32 loss and the kinks of ReLU on maps of 4 × 4 cells. */
  const STEPS = {
    "camera.graph1.weight": 1e-2,
    "camera.embedding.project.weight": 1e-2,
    "camera.join.bn.gamma": 3e-3,
  };
  /** Of the slope. */
  const SLOPE = { relative: 0.02 };

  test("agree with central differences", async () => {
    const rng = seededRandom(20);
    const fresh = createWeights(config, rng);
    const arrays = await weightsToArrays(fresh);
    disposeWeights(fresh);
    // Fresh heads are so faint that what lies before them would not show in the loss.
    const { shape, data: head } = arrays.get("head.box.weight")!;
    arrays.set("head.box.weight", { shape, data: head.map((w) => 30 * w) });
    const batch = batchOf(config, 21);
    const weights = weightsFromArrays(config, arrays);
    const pass = lossGradients(weights, batch, { config, loss: meanSquareLoss });
    for (const [name, step] of Object.entries(STEPS)) {
      const gradient = pass.gradients[name].dataSync() as Float32Array;
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const direction = gradient.map((g) => g / norm);
      const along = lossAlong(name, direction, { config, batch, arrays });
      expectClose(slopeAtZero(along, step), norm, { ...SLOPE, label: name });
    }
    tf.dispose(pass);
    disposeWeights(weights);
  });
});
