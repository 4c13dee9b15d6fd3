import { boxFromObject, type KittiObject } from "kitti-io";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { type Mesh, observeScene, placeMesh, type Scene } from "../src/index.js";
import { occlusionLevel } from "../src/label-objects.js";
import { cube, ground, type Thing, tinyScene } from "./tiny-scene.js";

const road = ground("asphalt");
const car = (x: number, y: number, yaw = 0): Thing => ({ type: "Car", box: [x, y, -0.98, 4, 1.6, 1.5, yaw] });

function labels(background: readonly Mesh[], things: readonly Thing[]): { objects: KittiObject[]; scene: Scene } {
  const scene = tinyScene(background, things);
  return { objects: observeScene(scene, seedrandom.alea("labels"), { field: "camera" }).objects, scene };
}

/** A wall that leaves open what is left of y = `edge`, half way to things 20 m ahead. */
const wallRightOf = (edge: number) =>
  placeMesh(cube("concrete"), { position: [10, edge - 10, 0], scale: [0.1, 20, 6] });

describe("labels by hand", () => {
  test("a car alone on the road: visible, whole, with its box", () => {
    const { objects } = labels([road], [car(20, 0, 0.3)]);
    expect(objects).toHaveLength(1);
    const [{ type, truncated, occluded, alpha, bbox, dimensions, rotationY }] = objects;
    expect([type, truncated, occluded]).toEqual(["Car", 0, 0]);
    expect(dimensions).toEqual([1.5, 1.6, 4]);
    expect(rotationY).toBeCloseTo(-0.3 - Math.PI / 2, 9);
    // nearly straight ahead: alpha differs by the direction to it only
    expect(Math.abs(alpha - rotationY)).toBeLessThan(0.02);
    // 1.5 m high at 17.5 m (its near corner) to 22 m
    expect(bbox[3] - bbox[1]).toBeGreaterThan((1.5 * 720) / 19);
    expect(bbox[3] - bbox[1]).toBeLessThan((1.9 * 720) / 17);
  });

  test("the share that a wall hides decides the level", () => {
    const level = (edge: number) =>
      labels([road, wallRightOf(edge)], [car(20, 0)]).objects.map(({ occluded }) => occluded);
    // the car's rear spans y -0.8 .. 0.8 at 18 m, so -0.45 .. 0.45 at the wall
    expect(level(-0.6)).toEqual([0]);
    expect(level(-0.12)).toEqual([1]);
    expect(level(0.16)).toEqual([2]);
    expect(level(0.6)).toEqual([]);
  });

  test("cars behind cars are occluded by them", () => {
    const { objects } = labels([road], [car(12, 0), car(20, 1)]);
    expect(objects.map(({ occluded }) => occluded)).toEqual([0, 2]);
  });

  test("beside the image or behind the camera, no label; half outside, half truncated", () => {
    expect(labels([road], [car(-20, 0), car(10, 30)]).objects).toEqual([]);
    const [object] = labels([road], [{ type: "Car", box: [20, 17.1, -0.98, 0.1, 4, 1.5, 0] }]).objects;
    expect(object.bbox[0]).toBe(0);
    expect(Math.abs(object.truncated - 0.5)).toBeLessThan(0.1);
  });

  test("too far, too small or without returns: DontCare, after the others", () => {
    const sliver: Thing = { type: "Pedestrian", box: [15, 3, -1.6, 0.06, 0.06, 0.2, 0] };
    const { objects } = labels([road], [car(78, 0), sliver, car(20, -4)]);
    expect(objects.map(({ type }) => type)).toEqual(["Car", "DontCare", "DontCare"]);
    const { bbox, ...rest } = objects[1];
    expect(rest).toEqual({
      type: "DontCare",
      truncated: -1,
      occluded: -1,
      alpha: -10,
      dimensions: [-1, -1, -1],
      location: [-1000, -1000, -1000],
      rotationY: -10,
    });
    expect(bbox[2] - bbox[0]).toBeGreaterThan(10);
  });

  test("all round: what has returns, wherever it stands, and no DontCare", () => {
    const [behind, aside] = [car(-20, 3, 0.4), car(2, 12, -2)];
    const sliver: Thing = { type: "Pedestrian", box: [15, 3, -1.6, 0.06, 0.06, 0.2, 0] }; // without returns
    const scene = tinyScene([road], [behind, car(20, 0, 0.3), aside, car(78, 0), sliver]);
    const look = (labels: "camera" | "full") => observeScene(scene, seedrandom.alea("labels"), { labels });
    const { objects, calibration, points } = look("full");
    expect(objects.map(({ type, bbox }) => [type, bbox.some((side) => side !== 0)])).toEqual([
      ["Car", false],
      ["Car", true],
      ["Car", false],
      ["Car", false],
    ]);
    expect(objects[0]).toMatchObject({ bbox: [0, 0, 0, 0], truncated: 1, occluded: 3 });
    for (const [i, { box }] of [behind, aside].entries()) {
      const found = boxFromObject(objects[2 * i], calibration);
      box.forEach((value, k) => {
        expect(Math.abs(found[k] - value)).toBeLessThan(1e-9);
      });
    }
    // what the camera sees has the same label either way, and the scan is the same
    const ahead = look("camera");
    expect(ahead.objects.map(({ type }) => type)).toEqual(["Car", "DontCare", "DontCare"]);
    expect(objects[1]).toEqual(ahead.objects[0]);
    expect(points).toEqual(ahead.points);
  });

  test("levels begin at their shares", () => {
    expect([1, 0.8, 0.79, 0.45, 0.44, 0.1, 0.09, 0].map(occlusionLevel)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });
});

describe("labels of random scenes", () => {
  test.each([1, 2, 3, 4])(
    "boxes return, 2D boxes lie in the image, what hides nothing has level 0: seed %i",
    (seed) => {
      const rng = seedrandom(`labels ${seed}`);
      const things = Array.from({ length: 8 }, () => car(6 + 50 * rng(), 30 * rng() - 15, 6.3 * rng()));
      const { objects, scene } = labels([road], things);
      for (const object of objects) {
        const [left, top, right, bottom] = object.bbox;
        expect(0 <= left && left < right && right <= 1241 && 0 <= top && top < bottom && bottom <= 374).toBe(true);
        expect(object.truncated === -1 || (object.truncated >= 0 && object.truncated <= 1)).toBe(true);
      }
      const real = objects.filter(({ type }) => type !== "DontCare");
      const { calibration } = observeScene(scene, rng, { field: "camera" });
      const boxes = real.map((object) => boxFromObject(object, calibration));
      for (const [i, box] of boxes.entries()) {
        const source = scene.objects.find((each) => Math.hypot(each.box[0] - box[0], each.box[1] - box[1]) < 1e-6);
        expect(source, `label ${i}`).toBeDefined();
        for (const k of [2, 3, 4, 5]) expect(box[k]).toBeCloseTo(source!.box[k], 9);
        expect(Math.cos(box[6] - source!.box[6])).toBeCloseTo(1, 9);
      }
      // one at a time, each is as visible as it can be
      for (const thing of things.slice(0, 3)) {
        for (const alone of labels([], [thing]).objects)
          expect(alone.type === "DontCare" || alone.occluded === 0).toBe(true);
      }
    },
  );
});

test("observeScene refuses a scene whose triangles have no object or background number", () => {
  const scene = tinyScene([road], [car(10, 0)]);
  expect(() => observeScene({ ...scene, objectOf: scene.objectOf.slice(1) }, Math.random)).toThrow(
    "observeScene: expected the object of 14 triangles for scene, got 13",
  );
});
