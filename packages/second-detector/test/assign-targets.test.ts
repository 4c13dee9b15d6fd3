import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { type AnchorGrid, assignTargets, buildAnchors, builtinConfig, encodeBoxes } from "../src/index.js";
import { assignOracle } from "./oracle/assign-targets.js";

const config = builtinConfig("second-mini");
const [car, pedestrian] = config.classes;

/** Car anchors of 4 × 2 m along a line. */
function line(xs: readonly number[], yaw = 0): AnchorGrid {
  return {
    boxes: Float64Array.from(xs.flatMap((x) => [x, 0, 0, 4, 2, 1.5, yaw])),
    labels: new Int32Array(xs.length),
    width: xs.length,
    height: 1,
    anchorsPerCell: 1,
  };
}

function rowsOf(boxes: ArrayLike<number>): number[][] {
  return Array.from({ length: boxes.length / 7 }, (_, i) => Array.from({ length: 7 }, (_, k) => boxes[i * 7 + k]));
}

describe("assignTargets by hand", () => {
  test("positive, ignored and background by overlap", () => {
    // IoU of 4 m boxes shifted by s: (4 − s)/(4 + s): 1, 0.6, 0.45.., 0.44.., 0
    const shifts = [0, 1, 1.5, 1.6, 4];
    const targets = assignTargets({ boxes: [0, 0, 0, 4, 2, 1.5, 0], labels: [0] }, line(shifts), config);
    expect(car).toMatchObject({ positiveIou: 0.6, negativeIou: 0.45 });
    expect([...targets.labels]).toEqual([1, 1, -1, 0, 0]);
    expect([...targets.positives]).toEqual([0, 1]);
    expect([...targets.boxIndices]).toEqual([0, 0]);
    expect([...targets.codes.subarray(7)]).toEqual([Math.fround(-1 / Math.sqrt(20)), 0, 0, 0, 0, 0, 0]);
  });

  test("a box claims its best anchor below the threshold, and all of equal ones", () => {
    const one = assignTargets({ boxes: [0, 0, 0, 4, 2, 1.5, 0], labels: [0] }, line([3, 3.5]), config);
    expect([...one.labels]).toEqual([1, 0]);
    // 0.1 + 0.2 and 0.3 differ in float64; so do the overlaps of boxes there, by less than 1e-9
    const tie = assignTargets({ boxes: [0, 0, 0, 4, 2, 1.5, 0], labels: [0] }, line([-3 - (0.1 + 0.2), 3.3]), config);
    expect([...tie.labels]).toEqual([1, 1]);
  });

  test("a claimed anchor learns the box that it overlaps most, not its claimant", () => {
    // The anchor at 0 overlaps the box at 0.1 most; the box at 3 overlaps no other anchor.
    const boxes = [3, 0, 0, 4, 2, 1.5, 0, 0.1, 0, 0, 4, 2, 1.5, 0];
    const targets = assignTargets({ boxes, labels: [0, 0] }, line([0]), config);
    expect([...targets.boxIndices]).toEqual([1]);
  });

  test("equal overlaps: the first box", () => {
    const boxes = [1, 0, 0, 4, 2, 1.5, 0, -1, 0, 0, 4, 2, 1.5, 0];
    expect([...assignTargets({ boxes, labels: [0, 0] }, line([0]), config).boxIndices]).toEqual([0]);
  });

  test("a box that touches no anchor claims none", () => {
    const targets = assignTargets({ boxes: [4, 0, 0, 4, 2, 1.5, 0], labels: [0] }, line([0]), config);
    expect([...targets.labels]).toEqual([0]);
    expect(targets.positives.length).toBe(0);
  });

  test("a box of another class is not seen", () => {
    expect(pedestrian.name).toBe("Pedestrian");
    const targets = assignTargets({ boxes: [0, 0, 0, 4, 2, 1.5, 0], labels: [1] }, line([0]), config);
    expect([...targets.labels]).toEqual([0]);
  });

  test.each([
    ["along x", 0.2, true],
    ["just under 45°", Math.PI / 4 - 1e-6, true],
    ["at 45°", Math.PI / 4, false],
    ["across", Math.PI / 2, false],
    ["back along x", Math.PI - 0.1, true],
    ["at −45°", -Math.PI / 4, false],
    ["many turns on", 0.2 + 6 * Math.PI, true],
  ])("the nearest rectangle of a box that points %s", (_, yaw, isAlong) => {
    // One anchor along x, one across, both of the box's size and place: one fits, the other overlaps 2·2 of 12.
    const along = line([0]);
    const anchors = { ...line([0, 0]), boxes: Float64Array.of(...along.boxes, ...line([0], Math.PI / 2).boxes) };
    const rules = { ...config, classes: [{ ...car, negativeIou: 0.3 }] };
    const targets = assignTargets({ boxes: [0, 0, 0, 4, 2, 1.5, yaw], labels: [0] }, anchors, rules);
    expect([...targets.labels]).toEqual(isAlong ? [1, -1] : [-1, 1]);
  });

  test("direction bins change at the offset and half a turn later", () => {
    const offset = config.loss.directionOffset;
    const yaws = [offset, offset - 1e-6, offset + Math.PI - 1e-6, offset + Math.PI, offset - Math.PI, -Math.PI, 0];
    const directions = yaws.map(
      (yaw) => assignTargets({ boxes: [0, 0, 0, 4, 2, 1.5, yaw], labels: [0] }, line([0]), config).directions[0],
    );
    // −π is offset + 2.36 short of a turn: first half; 0 is just before the offset: second half
    expect(directions).toEqual([0, 1, 0, 1, 1, 0, 1]);
  });

  test("no objects: all background", () => {
    const targets = assignTargets({ boxes: [], labels: [] }, line([0, 1]), config);
    expect([...targets.labels]).toEqual([0, 0]);
    expect(targets.codes.length).toBe(0);
  });

  test.each<[string, number[], number[], string]>([
    ["lengths", [1, 2, 3], [0], "expected 7 numbers for boxes [m, 7], got 3"],
    ["NaN", [0, 0, 0, 4, 2, 1, Number.NaN], [0], "expected finite numbers for boxes, got NaN in box 0"],
    ["a size of zero", [0, 0, 0, 4, 0, 1, 0], [0], "expected sizes above 0 for boxes, got 0 in box 0"],
    ["a label without a class", [0, 0, 0, 4, 2, 1, 0], [3], "expected 0 to 2 for labels, got 3 for box 0"],
  ])("refuses %s", (_, boxes, labels, message) => {
    expect(() => assignTargets({ boxes, labels }, line([0]), config)).toThrow(`assignTargets: ${message}`);
  });
});

describe("assignTargets against the whole IoU matrix", () => {
  const anchors = buildAnchors({ ...config, pointRange: [0, -6.4, -3, 12.8, 6.4, 1] });

  /** Boxes near the anchors' sizes, some snapped to the grid, where overlaps tie. */
  function objectsOf(rng: () => number, count: number) {
    const labels = Int32Array.from({ length: count }, () => Math.floor(3 * rng()));
    const boxes = Array.from(labels).flatMap((label) => {
      const place = (min: number) => {
        const p = min + 12.8 * rng();
        return rng() < 0.3 ? Math.round(p) : p;
      };
      const size = config.classes[label].anchorSize.map((side) => side * (rng() < 0.3 ? 1 : 0.7 + 0.6 * rng()));
      return [place(0), place(-6.4), -1 + rng(), ...size, rng() < 0.3 ? 0 : 7 * (rng() - 0.5)];
    });
    return { boxes, labels };
  }

  test.each([1, 2, 5, 20, 60])("%i boxes", (count) => {
    const rng = seededRandom(100 + count);
    for (let i = 0; i < 5; i++) {
      const objects = objectsOf(rng, count);
      const targets = assignTargets(objects, anchors, config);
      const rows = rowsOf(objects.boxes);
      const expected = assignOracle(
        { rows: rowsOf(anchors.boxes), labels: anchors.labels },
        { rows, labels: objects.labels },
        config.classes,
      );
      expect([...targets.labels], `round ${i}`).toEqual(expected.labels);
      const positives = expected.boxes.flatMap((box, anchor) => (box < 0 ? [] : [anchor]));
      expect([...targets.positives], `round ${i}`).toEqual(positives);
      expect([...targets.boxIndices], `round ${i}`).toEqual(positives.map((anchor) => expected.boxes[anchor]));
      const codes = positives.flatMap((anchor) => [
        ...encodeBoxes(rows[expected.boxes[anchor]], anchors.boxes.subarray(anchor * 7, anchor * 7 + 7)),
      ]);
      expect(targets.codes).toEqual(Float32Array.from(codes));
    }
  });

  test("the order of the boxes changes no label", () => {
    const rng = seededRandom(9);
    const { boxes, labels } = objectsOf(rng, 20);
    const rows = rowsOf(boxes);
    const reversed = { boxes: [...rows].reverse().flat(), labels: Int32Array.from(labels).reverse() };
    const [first, second] = [{ boxes, labels }, reversed].map((objects) => assignTargets(objects, anchors, config));
    expect(second.labels).toEqual(first.labels);
  });
});
