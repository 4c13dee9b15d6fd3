import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  builtinConfig,
  collateFrames,
  createWeights,
  type DetectorConfig,
  disposeWeights,
  forwardDetector,
  imageWeightsFromTorchvision,
  type NamedArray,
  openPcdetTensors,
  weightShapes,
  weightsFromArrays,
  weightsFromOpenPcdet,
  weightsToArrays,
  weightsToOpenPcdet,
} from "../src/index.js";
import type { PublicTensor } from "../src/public-weights/renamed-tensors.js";
import { type Digest, digestError, namedNumbers } from "./named-numbers.js";
import { fixtureVoxels } from "./tiny/fixture-voxels.js";
import { tinyCameraConfig, tinyFusions } from "./tiny/tiny-camera.js";
import { tinyConfig } from "./tiny/tiny-config.js";

registerSimdBackend();

/** From `scripts/openpcdet-fixture.py`: a small SECOND with OpenPCDet's names, in PyTorch, float64. */
const fixture = JSON.parse(readFileSync(new URL("fixtures/openpcdet.json", import.meta.url), "utf8"));
/** float32 through eighteen layers. */
const TOLERANCE = 1e-5;

beforeAll(async () => {
  await tf.setBackend("simd");
});

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** Arrays for a configuration, all numbers different. */
function randomWeights(config: DetectorConfig): Map<string, NamedArray> {
  const { trainable, running } = weightShapes(config);
  const rng = seededRandom(1);
  return new Map(
    [...trainable, ...running].map(([name, shape]) => [name, { shape, data: randomFloats(rng, sizeOf(shape)) }]),
  );
}

/** The fixture's weights, in OpenPCDet's layout. */
function theirWeights(): Map<string, NamedArray> {
  const arrays = new Map<string, NamedArray>();
  for (const [name, shape] of Object.entries<number[]>(fixture.shapes)) {
    const numbers = namedNumbers(name, sizeOf(shape));
    arrays.set(name, { shape, data: shape.length > 1 ? numbers : numbers.map((u) => 1 + 0.5 * u) });
  }
  return arrays;
}

describe("weights of OpenPCDet", () => {
  test("a converted SECOND computes what PyTorch does with the same state dict", () => {
    const config = tinyConfig();
    const weights = weightsFromArrays(config, weightsFromOpenPcdet(theirWeights(), config));
    const { head, ...rest } = forwardDetector(weights, collateFrames([fixtureVoxels(fixture.drawnVoxels)], config), {
      config,
    });
    const theirs: Record<string, Digest> = fixture.head;
    for (const [name, x] of Object.entries({ cls: head.cls, box: head.box, dir_cls: head.dir })) {
      expect(digestError(x.dataSync(), theirs[name]), name).toBeLessThan(TOLERANCE);
    }
    tf.dispose([head.cls, head.box, head.dir, rest]);
    disposeWeights(weights);
  });

  test.each(["second-mini", "pointpillars-mini"] as const)("round trip: %s", (name) => {
    const config = builtinConfig(name);
    const ours = randomWeights(config);
    const theirs = weightsToOpenPcdet(ours, config);
    expect(theirs.size).toBe(ours.size);
    const back = weightsFromOpenPcdet(theirs, config);
    expect([...back.keys()].sort()).toEqual([...ours.keys()].sort());
    for (const [key, { shape, data }] of back) {
      expect(shape, key).toEqual(ours.get(key)!.shape);
      expect(
        data.every((v, i) => v === ours.get(key)!.data[i]),
        key,
      ).toBe(true);
    }
  });

  test("shapes of the published SECOND and PointPillars", () => {
    const shapesOf = (config: DetectorConfig) => {
      const { trainable, running } = weightShapes(config);
      const empty = [...trainable, ...running].map(
        ([name, shape]) => [name, { shape, data: new Float32Array(0) }] as const,
      );
      return new Map([...weightsToOpenPcdet(new Map(empty), config)].map(([name, { shape }]) => [name, shape]));
    };
    const second = shapesOf(builtinConfig("second-kitti"));
    expect(Object.fromEntries(second)).toMatchObject({
      "backbone_3d.conv_input.0.weight": [16, 3, 3, 3, 4],
      "backbone_3d.conv1.0.0.weight": [16, 3, 3, 3, 16],
      "backbone_3d.conv2.0.1.running_var": [32],
      "backbone_3d.conv4.2.0.weight": [64, 3, 3, 3, 64],
      "backbone_3d.conv_out.0.weight": [128, 3, 1, 1, 64],
      "backbone_2d.blocks.0.1.weight": [128, 256, 3, 3],
      "backbone_2d.blocks.1.16.weight": [256, 256, 3, 3],
      "backbone_2d.blocks.1.17.bias": [256],
      "backbone_2d.deblocks.0.0.weight": [128, 256, 1, 1],
      "backbone_2d.deblocks.1.0.weight": [256, 256, 2, 2],
      "dense_head.conv_cls.weight": [18, 512, 1, 1],
      "dense_head.conv_box.bias": [42],
      "dense_head.conv_dir_cls.weight": [12, 512, 1, 1],
    });
    expect(Object.fromEntries(shapesOf(builtinConfig("pointpillars-kitti")))).toMatchObject({
      "vfe.pfn_layers.0.linear.weight": [64, 10],
      "vfe.pfn_layers.0.norm.running_mean": [64],
      "backbone_2d.blocks.0.1.weight": [64, 64, 3, 3],
      "backbone_2d.deblocks.2.0.weight": [256, 128, 4, 4],
      "dense_head.conv_cls.weight": [18, 384, 1, 1],
    });
  });

  test("files of spconv 1 have our own kernels; counters are left aside", () => {
    const config = builtinConfig("second-mini");
    const ours = randomWeights(config);
    const theirs = weightsToOpenPcdet(ours, config);
    for (const { theirs: name, ours: own } of openPcdetTensors(config)) {
      if (name.startsWith("backbone_3d.") && name.endsWith(".0.weight")) theirs.set(name, ours.get(own)!);
    }
    const counter = { shape: [], data: BigInt64Array.of(7n) };
    const file = new Map<string, PublicTensor>(theirs);
    file.set("global_step", counter).set("backbone_2d.blocks.0.2.num_batches_tracked", counter);
    const back = weightsFromOpenPcdet(file, config);
    for (const [key, { data }] of back)
      expect(
        data.every((v, i) => v === ours.get(key)!.data[i]),
        key,
      ).toBe(true);
  });

  test("names every fault at once, and what has no counterpart", () => {
    const config = tinyConfig();
    const arrays = theirWeights();
    arrays.delete("dense_head.conv_box.bias");
    arrays.set("roi_head.fc.weight", { shape: [1], data: new Float32Array(1) });
    arrays.set("dense_head.conv_cls.bias", { shape: [17], data: new Float32Array(17) });
    expect(() => weightsFromOpenPcdet(arrays, config)).toThrow(
      "weightsFromOpenPcdet: weights do not fit the configuration: missing dense_head.conv_box.bias; " +
        "unknown roi_head.fc.weight; expected shape [18] for dense_head.conv_cls.bias, got [17]",
    );
    const half = new Map<string, PublicTensor>(theirWeights());
    half.set("dense_head.conv_cls.bias", { shape: [18], data: new Uint16Array(18) });
    expect(() => weightsFromOpenPcdet(half, config)).toThrow(
      "expected float32 numbers for dense_head.conv_cls.bias, got another type",
    );
    expect(() => openPcdetTensors(tinyConfig("pointnet"))).toThrow(
      "openPcdetTensors: expected SECOND or PointPillars in tiny-pointnet, got the encoder pointnet",
    );
    expect(() => openPcdetTensors(tinyCameraConfig(tinyFusions.concat))).toThrow("in tiny-camera, got a camera");
  });
});

describe("image weights of torchvision", () => {
  const config = tinyCameraConfig(tinyFusions.concat);

  /** A file of torchvision's: every number tells its place. */
  function torchvisionArrays(width: number): Map<string, NamedArray> {
    const arrays = new Map<string, NamedArray>();
    const add = (name: string, ...shape: number[]) =>
      arrays.set(name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => arrays.size + i / 4096) });
    const norm = (name: string, channels: number) => {
      for (const part of ["weight", "bias", "running_mean", "running_var"]) add(`${name}.${part}`, channels);
      add(`${name}.num_batches_tracked`, 1);
    };
    add("conv1.weight", width, 3, 7, 7);
    norm("bn1", width);
    for (let s = 1; s <= 4; s++) {
      const out = width * 2 ** (s - 1);
      for (let b = 0; b < 2; b++) {
        const into = s > 1 && b === 0 ? out / 2 : out;
        add(`layer${s}.${b}.conv1.weight`, out, into, 3, 3);
        norm(`layer${s}.${b}.bn1`, out);
        add(`layer${s}.${b}.conv2.weight`, out, out, 3, 3);
        norm(`layer${s}.${b}.bn2`, out);
        if (s > 1 && b === 0) {
          add(`layer${s}.0.downsample.0.weight`, out, into, 1, 1);
          norm(`layer${s}.0.downsample.1`, out);
        }
      }
    }
    add("fc.weight", 1000, 8 * width);
    add("fc.bias", 1000);
    return arrays;
  }

  test("fill every tensor of the image's ResNet, and nothing else", () => {
    const converted = imageWeightsFromTorchvision(torchvisionArrays(2), config);
    const { trainable, frozen, running } = weightShapes(config);
    const wanted = [...trainable, ...frozen, ...running].filter(([name]) => name.startsWith("camera.resnet."));
    expect([...converted.keys()].sort()).toEqual(wanted.map(([name]) => name).sort());
    for (const [name, shape] of wanted) expect(converted.get(name)!.shape, name).toEqual(shape);
  });

  test("by hand: where one number goes", () => {
    const theirs = torchvisionArrays(2);
    const converted = imageWeightsFromTorchvision(theirs, config);
    // conv1.weight[out 1, in 2, y 3, x 4] of [2, 3, 7, 7] → [3, 4, 2, 1] of [7, 7, 3, 2]
    const stem = converted.get("camera.resnet.stem.weight")!.data;
    expect(stem[((3 * 7 + 4) * 3 + 2) * 2 + 1]).toBe(theirs.get("conv1.weight")!.data[((1 * 3 + 2) * 7 + 3) * 7 + 4]);
    expect(converted.get("camera.resnet.stage2.0.skip.bn.var")!.data).toEqual(
      theirs.get("layer2.0.downsample.1.running_var")!.data,
    );
  });

  test("take the place of fresh values; all others stay as they would be", async () => {
    const given = imageWeightsFromTorchvision(torchvisionArrays(2), config);
    const [fresh, filled] = [undefined, given].map((each) => createWeights(config, seededRandom(3), each));
    const [a, b] = [await weightsToArrays(fresh), await weightsToArrays(filled)];
    for (const [name, { data }] of b) expect(data, name).toEqual((given.get(name) ?? a.get(name)!).data);
    disposeWeights(fresh);
    disposeWeights(filled);
    const strange = new Map([["camera.resnet.stage9", { shape: [1], data: new Float32Array(1) }]]);
    expect(() => createWeights(config, seededRandom(3), strange)).toThrow("unknown camera.resnet.stage9");
  });

  test("say what does not fit", () => {
    expect(() => imageWeightsFromTorchvision(torchvisionArrays(4), config)).toThrow(
      "expected shape [2, 3, 7, 7] for conv1.weight, got [4, 3, 7, 7]",
    );
    expect(() => imageWeightsFromTorchvision(new Map(), tinyConfig())).toThrow(
      "imageWeightsFromTorchvision: expected a camera in tiny, got none",
    );
  });
});
