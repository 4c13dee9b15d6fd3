import { augmentScan } from "lidar-augment";
import { prepareFrame } from "second-detector";
import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import type { Frame, FrameObject } from "../src/frames/frame.js";
import { augmentedInput, networkInput, trainingInput } from "../src/frames/network-input.js";
import { visibleFrame } from "../src/frames/visible-frame.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { tinyCalibration } from "./scenes/tiny-scene.js";

const { detector: config } = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const [x0, , , x1, , z1] = config.pointRange;
const view = { calibration: tinyCalibration(), imageSize: { width: 1242, height: 375 } };
const object = (type: string, x: number, z = -1): FrameObject => ({
  type,
  box: Float64Array.of(x, 0.5, z, 4, 1.6, 1.5, 0.1),
});

/** Points ahead (seen) and behind (not), in turn. */
const points = Float32Array.from(
  { length: 400 },
  (_, i) => [(i % 8 < 4 ? 1 : -1) * (6 + i / 20), 0.01 * i, -1, 0.5][i % 4],
);
const frame: Frame = {
  id: "any name",
  points,
  view,
  objects: [object("Van", 9), object("Car", 9), object("Car", x0 - 1), object("Car", x1), object("Car", 9, z1 + 0.1)],
};

describe("visibleFrame", () => {
  it("has the points that the camera sees and the objects of the configuration, wherever they are", () => {
    const seen = visibleFrame(frame, config);
    expect(seen.points.length).toBe(points.length / 2);
    expect(seen.points.every((value, i) => i % 4 !== 0 || value > 0)).toBe(true);
    expect([...seen.labels]).toEqual([0, 0, 0, 0]);
    expect([...seen.boxes]).toEqual(frame.objects!.slice(1).flatMap(({ box }) => [...box]));
  });

  it("has every point where there is no camera, and no boxes where there are no labels", () => {
    const { labels, boxes, points: all } = visibleFrame({ id: "scan", points }, config);
    expect(all).toEqual(points);
    expect([labels.length, boxes.length]).toEqual([0, 0]);
  });
});

describe("the network's input", () => {
  const seen = visibleFrame(frame, config);

  it("is the same to train on and to infer from, but for the number of voxels", () => {
    const small = { ...config, maxVoxels: { train: 3, test: 7 } };
    expect(networkInput(seen, small).voxels).toEqual(prepareFrame(seen.points, config, { maxVoxels: 7 }));
    expect(trainingInput(seen, small).voxels).toEqual(prepareFrame(seen.points, config, { maxVoxels: 3 }));
  });

  it("has the boxes in range, the bounds included, as ground truth", () => {
    const { boxes, labels } = trainingInput(seen, config);
    expect([boxes[0], boxes[7]]).toEqual([9, x1]);
    expect(labels.length).toBe(2);
  });

  it("changed by augmentation has the points and boxes of the chain", () => {
    const chain = { range: config.pointRange, global: { mirror: 1, rotation: 0.2, scaling: [1.1, 1.1] } } as const;
    const change = { chain, rng: seededRandom(3), imageRng: seededRandom(4) };
    const { voxels, boxes, labels } = augmentedInput(seen, config, change);
    const expected = augmentScan(seen, chain, seededRandom(3));
    expect(voxels).toEqual(prepareFrame(expected.points, config, { maxVoxels: config.maxVoxels.train }));
    expect({ boxes, labels }).toEqual({ boxes: expected.boxes, labels: expected.labels });
  });

  it("says in words that a camera's calibration or image is missing", () => {
    const { detector: camera } = openRecipe("second-resnet");
    expect(() => networkInput(seen, camera)).toThrow(
      "frame any name: expected an image for the camera of second-resnet, got none",
    );
    expect(() => networkInput({ ...seen, view: undefined }, camera)).toThrow(
      "frame any name: expected a camera's calibration for the camera of second-resnet, got a scan without one",
    );
  });
});
