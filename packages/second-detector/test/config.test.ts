import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeUnless, goldenMissing } from "test-support";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import {
  type BuiltinConfigName,
  builtinConfig,
  builtinConfigNames,
  builtinConfigText,
  estimateStepMemory,
  isBuiltinConfigName,
  parseDetectorConfig,
  weightShapes,
} from "../src/index.js";
import { goldenSecond } from "./goldens/golden-second.js";

const text = builtinConfigText("second-mini");

/** second-mini with the value at a path replaced (or removed: undefined). */
function edited(path: (string | number)[], value: unknown): string {
  const root = parse(text);
  const last = path[path.length - 1];
  const parent = path.slice(0, -1).reduce((node, key) => node[key], root);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return stringify(root);
}

describe("a grid", () => {
  test("that is no whole number of voxels is refused: its rest would be lost", () => {
    expect(() => parseDetectorConfig(edited(["voxelSize", 1], 0.11), "a.yaml")).toThrow(
      /a\.yaml.*voxelSize.*expected a size that divides pointRange \(there would be 349\.09 voxels along y\)/s,
    );
    // 38.4 / 0.1 is no whole number in binary, and fine.
    expect(parseDetectorConfig(text, "a.yaml").pointRange[3]).toBe(38.4);
  });

  test("whose levels cannot be joined is refused before anything runs", () => {
    expect(() => parseDetectorConfig(edited(["neck", "strides"], [1, 1]), "a.yaml")).toThrow(
      /neck\.strides.*expected levels of one size \(they would have 48 x 48, 24 x 24 cells\)/s,
    );
    expect(() => parseDetectorConfig(edited(["pointRange", 0], 0.8), "a.yaml")).toThrow(
      "they would have 47 x 48, 48 x 48 cells",
    );
  });
});

describe("builtin configurations", () => {
  test("are found by name and nothing else is", () => {
    expect(builtinConfigNames).toEqual([
      "second-mini",
      "second-small",
      "second-kitti",
      "second-resnet",
      "second-resnet-correlation",
      "second-resnet-correlation-gnn",
      "second-resnet-correlation-gnn-fpn",
      "second-resnet-small",
      "second-resnet-correlation-gnn-fpn-small",
      "pointpillars-mini",
      "pointpillars-small",
      "pointpillars-kitti",
      "pointnet-mini",
      "pointnet-small",
      "pointnet-kitti",
    ]);
    for (const name of builtinConfigNames) expect(builtinConfig(name).name).toBe(name);
    expect(isBuiltinConfigName("toString")).toBe(false);
    expect(() => builtinConfig("second" as BuiltinConfigName)).toThrow(
      "builtinConfig: expected one of second-mini, second-small, second-kitti, second-resnet, second-resnet-correlation, second-resnet-correlation-gnn, second-resnet-correlation-gnn-fpn, second-resnet-small, second-resnet-correlation-gnn-fpn-small, pointpillars-mini, pointpillars-small, pointpillars-kitti, pointnet-mini, pointnet-small, pointnet-kitti for name, got second",
    );
  });

  test("cannot be changed", () => {
    const { classes } = builtinConfig("second-mini");
    expect(() => {
      (classes[0].anchorSize as unknown as number[])[0] = 1;
    }).toThrow(TypeError);
  });

  test("second-kitti has the published grid", () => {
    const config = builtinConfig("second-kitti");
    expect(config.pointRange).toEqual([0, -40, -3, 70.4, 40, 1]);
    expect(config.maxVoxels).toEqual({ train: 16000, test: 40000 });
    expect(config.backbone).toEqual({ layers: [5, 5], strides: [1, 2], channels: [128, 256] });
  });
});

describe("parseDetectorConfig", () => {
  test.each<[string, (string | number)[], unknown, string]>([
    ["a string for a number", ["loss", "boxWeight"], "two", 'loss.boxWeight: expected number, got "two"'],
    ["a broken count", ["maxVoxels", "test"], 1.5, "maxVoxels.test: expected a whole number, got 1.5"],
    ["zero", ["maxPointsPerVoxel"], 0, "maxPointsPerVoxel: expected a number above 0, got 0"],
    ["a missing key", ["batchNorm", "epsilon"], undefined, "batchNorm.epsilon: expected number, got nothing"],
    ["an unknown key", ["loss", "focalBeta"], 1, "loss.focalBeta: expected no such key, got one"],
    [
      "a share above 1",
      ["classes", 1, "positiveIou"],
      1.5,
      "classes[1].positiveIou: expected a number at most 1, got 1.5",
    ],
    ["a short list", ["voxelSize"], [0.1, 0.1], "voxelSize: expected a number of entries at least 3, got [0.1,0.1]"],
    ["infinity", ["pointRange", 0], Number.NEGATIVE_INFINITY, "pointRange[0]: expected number, got -Infinity"],
    ["an empty range", ["pointRange", 3], 0, "pointRange[3]: expected more than the minimum 0, got 0"],
    [
      "blocks that disagree",
      ["neck", "strides"],
      [1],
      "neck.strides: expected 2 entries, as backbone.layers has, got [1]",
    ],
    ["a class twice", ["classes", 2, "name"], "Car", 'classes[2].name: expected a new name, got "Car"'],
    ["thresholds crossed", ["classes", 0, "negativeIou"], 0.7, "expected at most positiveIou 0.6, got 0.7"],
    ["an encoder", ["encoder", "kind"], "dense", 'encoder.kind: expected sparse, pillars or pointnet, got "dense"'],
    [
      "an encoder on points that is too low",
      ["encoder"],
      { kind: "pillars", channels: 8 },
      "height of pointRange, 4, for",
    ],
    [
      "too many channels",
      ["backbone", "channels", 1],
      5000,
      "backbone.channels[1]: expected a number at most 4096, got 5000",
    ],
    [
      "too many layers",
      ["backbone", "layers", 0],
      1e9,
      "backbone.layers[0]: expected a number at most 256, got 1000000000",
    ],
    ["too many voxels", ["maxVoxels", "train"], 1e8, "maxVoxels.train: expected a number at most 10000000"],
    ["a place beyond reach", ["pointRange", 3], 1e30, "pointRange[3]: expected a number at most 100000, got 1e+30"],
    [
      "a grid of too many cells",
      ["voxelSize", 0],
      1e-9,
      "voxelSize: expected sizes that fit pointRange and the strides (expected 1 to 2147483647 cells along x",
    ],
    ["a grid too small for the strides", ["voxelSize", 2], 4, "(expected a grid of at least one cell after encoder."],
    ["too many anchors", ["neck", "strides"], [64, 64], "voxelSize: expected at most 8388608 anchors (the map has "],
    [
      "too many weights",
      ["backbone"],
      { layers: [200, 200], strides: [1, 2], channels: [4096, 4096] },
      "backbone: expected channels and layers with at most 134217728 weights in all (there would be ",
    ],
    ["what trains it", ["training"], { epochs: 3 }, "training: expected no such key, got one"],
  ])("names source, key, expected and got for %s", (_, path, value, message) => {
    const faulty = edited(path, value);
    expect(() => parseDetectorConfig(faulty, "my.yaml")).toThrow(/^parseDetectorConfig: my\.yaml: /);
    expect(() => parseDetectorConfig(faulty, "my.yaml")).toThrow(message);
  });

  test("reports every fault at once", () => {
    const faulty = edited(["name"], 3).replace("momentum: 0.01", "momentum: -1");
    expect(() => parseDetectorConfig(faulty)).toThrow(
      /configuration: name: expected string, got 3; batchNorm\.momentum: expected a number at least 0, got -1$/,
    );
  });

  test("estimates the memory of a step: more for more frames, weights alone for none", () => {
    const config = builtinConfig("second-mini");
    const weights = [...weightShapes(config).trainable.values(), ...weightShapes(config).running.values()];
    const numbers = weights.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
    expect(estimateStepMemory(config, { batchSize: 0 })).toBe(16 * numbers);
    const [one, two] = [1, 2].map((batchSize) => estimateStepMemory(config, { batchSize }));
    expect(two - one).toBe(one - 16 * numbers);
    expect(one).toBeLessThan(2 ** 30);
    expect(estimateStepMemory(builtinConfig("second-kitti"), { batchSize: 1 })).toBeGreaterThan(one);
  });

  test("reads JSON, being YAML", () => {
    expect(parseDetectorConfig(JSON.stringify(parse(text)))).toEqual(builtinConfig("second-mini"));
  });

  test("refuses an alias with the source's name", () => {
    const faulty = text.replace("strides: [1, 2]", "strides: &s [1, 2]").replace(/strides: \[1, 2\]/, "strides: *s");
    expect(() => parseDetectorConfig(faulty, "my.yaml")).toThrow(
      /^parseDetectorConfig: my\.yaml: expected YAML without aliases, got /,
    );
  });

  test("refuses what is no configuration at all", () => {
    expect(() => parseDetectorConfig("")).toThrow("the whole: expected object, got null");
    expect(() => parseDetectorConfig("x".repeat(65537))).toThrow(
      "expected at most 65536 characters of YAML, got 65537",
    );
    expect(() => parseDetectorConfig(1 as unknown as string)).toThrow("expected a string for text, got number");
  });

  test("a key named __proto__ is an unknown key and reaches no prototype", () => {
    expect(() => parseDetectorConfig(`${text}\n__proto__: { polluted: 1 }\n`)).toThrow(
      "__proto__: expected no such key",
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describeUnless(goldenMissing("golden/second"), "second-mini", () => {
  test("is the configuration of the goldens", () => {
    const golden = JSON.parse(readFileSync(join(goldenSecond!, "golden.json"), "utf8")).config;
    const config = builtinConfig("second-mini");
    expect({
      name: config.name,
      classes: config.classes.map(({ name }) => name),
      point_range: config.pointRange,
      voxel_size: config.voxelSize,
      sparse_shape: golden.sparse_shape,
      max_points_per_voxel: config.maxPointsPerVoxel,
      max_voxels: config.maxVoxels.train,
      encoder_channels: config.encoder.channels,
      block_layers: config.backbone.layers,
      block_strides: config.backbone.strides,
      block_channels: config.backbone.channels,
      neck_strides: config.neck.strides,
      neck_channels: config.neck.channels,
      bn_eps: config.batchNorm.epsilon,
      bn_momentum: config.batchNorm.momentum,
      anchors: {
        align_center: config.anchors.alignCenter,
        rotations: config.anchors.rotations,
        ...Object.fromEntries(
          config.classes.map(({ name, anchorSize, anchorBottom, positiveIou, negativeIou }) => [
            name,
            { size: anchorSize, bottom: anchorBottom, positive_iou: positiveIou, negative_iou: negativeIou },
          ]),
        ),
      },
      loss: {
        alpha: config.loss.focalAlpha,
        gamma: config.loss.focalGamma,
        beta: config.loss.smoothL1Beta,
        dir_offset: config.loss.directionOffset,
        cls_weight: config.loss.classWeight,
        box_weight: config.loss.boxWeight,
        dir_weight: config.loss.directionWeight,
      },
      predict: {
        score: config.predict.scoreThreshold,
        pre_nms: config.predict.maxCandidates,
        nms_iou: config.predict.iouThreshold,
        post_nms: config.predict.maxBoxes,
        dir_offset: config.predict.directionOffset,
        dir_limit_offset: config.predict.directionLimitOffset,
      },
    }).toEqual(golden);
  });
});
