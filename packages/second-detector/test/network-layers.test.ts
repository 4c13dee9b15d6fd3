import { describe, expect, test } from "vitest";
import { builtinConfig, detectorLayers } from "../src/index.js";
import { outputCells } from "../src/network/unit.js";
import { tinyConfig } from "./tiny/tiny-config.js";

test("a grid that is too small for the strides is named with its layer", () => {
  const config = { ...builtinConfig("second-mini"), pointRange: [0, -19.2, -3, 38.4, 19.2, -2.5] as const };
  expect(() => detectorLayers(config)).toThrow(
    "outputCells: expected a grid of at least one cell after encoder.stage4.0, got [0,48,48]",
  );
});

describe("detectorLayers", () => {
  test("second-mini: the grid shrinks as worked out on paper", () => {
    const config = builtinConfig("second-mini");
    // 4 m / 0.1 m = 40 cells in height, and one more; 38.4 m / 0.1 m = 384 in x and y.
    const { layers, gridShape, outputShape } = detectorLayers(config).encoder;
    expect(gridShape).toEqual([41, 384, 384]);
    let shape = gridShape;
    const shapes = layers.map((unit) => {
      shape = outputCells(unit, shape);
      return shape.join("×");
    });
    expect(outputShape).toEqual(shape);
    // ⌊(41 + 2 − 3)/2⌋ + 1 = 21, then 11, then without padding in z ⌊(11 − 3)/2⌋ + 1 = 5, then ⌊(5 − 3)/2⌋ + 1 = 2.
    const [full, half, quarter, eighth] = ["41×384×384", "21×192×192", "11×96×96", "5×48×48"];
    expect(shapes).toEqual([
      full,
      full,
      half,
      half,
      half,
      quarter,
      quarter,
      quarter,
      eighth,
      eighth,
      eighth,
      "2×48×48",
    ]);
  });

  test("second-kitti: channels of the published network", () => {
    const { encoder, backbone, neck, head } = detectorLayers(builtinConfig("second-kitti"));
    expect(encoder.layers.map((layer) => layer.outChannels)).toEqual([16, 16, 32, 32, 32, 64, 64, 64, 64, 64, 64, 128]);
    expect(backbone.map((block) => block.map((layer) => layer.outChannels))).toEqual([
      Array(6).fill(128),
      Array(6).fill(256),
    ]);
    expect(backbone[0][0].inChannels).toBe(256); // 128 channels × 2 cells in height
    expect(neck.map((layer) => layer.outChannels)).toEqual([256, 256]);
    // 3 classes × 2 rotations = 6 anchors per cell
    expect([head.cls, head.box, head.dir].map((layer) => layer.outChannels)).toEqual([18, 42, 12]);
    expect(head.cls.inChannels).toBe(512);
  });

  test("each layer takes what the one before gives", () => {
    for (const config of [builtinConfig("second-mini"), builtinConfig("second-kitti"), tinyConfig()]) {
      const { encoder, backbone } = detectorLayers(config);
      encoder.layers.slice(1).forEach((layer, i) => {
        expect(layer.inChannels, layer.name).toBe(encoder.layers[i].outChannels);
      });
      const dense = backbone.flat();
      dense.slice(1).forEach((layer, i) => {
        expect(layer.inChannels, layer.name).toBe(dense[i].outChannels);
      });
    }
  });
});
