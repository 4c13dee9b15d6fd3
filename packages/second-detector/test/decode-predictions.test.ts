import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { type AnchorGrid, buildAnchors, builtinConfig, decodePredictions, encodeBoxes } from "../src/index.js";

const config = builtinConfig("second-mini");
const offset = config.predict.directionOffset;

/** Anchors of one class, 4 × 2 × 1.5 m, 10 m apart. */
function line(count: number): AnchorGrid {
  return {
    boxes: Float64Array.from(Array.from({ length: count }, (_, i) => [10 * i, 0, 0, 4, 2, 1.5, 0]).flat()),
    labels: new Int32Array(count),
    width: count,
    height: 1,
    anchorsPerCell: 1,
  };
}

/** Head outputs for anchors of `line`: three logits each; zero codes, first direction bin. */
function headOf(logits: number[][]) {
  return { cls: logits.flat(), box: new Float32Array(logits.length * 7), dir: new Float32Array(logits.length * 2) };
}

function logit(score: number): number {
  return Math.log(score / (1 - score));
}

describe("decodePredictions", () => {
  test("by hand: scores, classes, order, threshold", () => {
    const head = headOf([
      [-9, logit(0.5), -9],
      [logit(0.75), -9, -9],
      [-9, -9, logit(0.0999)],
      [0, 0, 0],
    ]);
    const found = decodePredictions(head, line(4), config);
    expect([...found.anchors]).toEqual([1, 0, 3]);
    expect([...found.labels]).toEqual([0, 1, 0]);
    expect([...found.scores]).toEqual([0.75, 0.5, 0.5]);
  });

  test("a score equal to the threshold is a candidate", () => {
    const rules = { ...config, predict: { ...config.predict, scoreThreshold: 0.5 } };
    expect(decodePredictions(headOf([[0, -1, -1]]), line(1), rules).scores.length).toBe(1);
  });

  test.each([
    // the yaw lies in [offset, offset + π) for bin 0, half a turn on for bin 1
    [0.9, 0, 0.9],
    [0.9, 1, 0.9 + Math.PI],
    [0.1, 0, 0.1 + Math.PI],
    [0.1, 1, 0.1 + 2 * Math.PI],
    [-2, 0, -2 + Math.PI],
    [-2, 1, -2 + 2 * Math.PI],
  ])("a yaw of %f with direction bin %i becomes %f", (yaw, bin, expected) => {
    const head = headOf([[5, 0, 0]]);
    head.box[6] = yaw;
    head.dir[bin] = 1;
    expect(decodePredictions(head, line(1), config).boxes[6]).toBeCloseTo(expected, 6);
    expect(offset).toBe(0.78539);
  });

  test("boxes of different classes suppress each other", () => {
    const anchors = { ...line(2), boxes: Float64Array.of(0, 0, 0, 4, 2, 1.5, 0, 1, 0, 0, 4, 2, 1.5, 0) };
    const found = decodePredictions(
      headOf([
        [1, -5, -5],
        [-5, 2, -5],
      ]),
      anchors,
      config,
    );
    expect([...found.anchors]).toEqual([1]);
  });

  test("limits of candidates and of boxes", () => {
    const head = headOf([1, 4, 2, 3].map((value) => [value, -5, -5]));
    const limited = (numbers: object) => [
      ...decodePredictions(head, line(4), { ...config, predict: { ...config.predict, ...numbers } }).anchors,
    ];
    expect(limited({ maxCandidates: 2 })).toEqual([1, 3]);
    expect(limited({ maxBoxes: 3 })).toEqual([1, 3, 2]);
  });

  test.each([
    ["distinct scores", (u: number) => 12 * u - 6],
    ["many equal scores", (u: number) => Math.round(3 * u)],
    ["all equal", () => 1],
  ])("candidates of many anchors are those that the definition ranks first: %s", (_, logitOf) => {
    const seed = 41;
    const rng = seededRandom(seed);
    const count = 1000;
    const logits = Array.from({ length: count }, () => [logitOf(rng()), -9, -9]);
    // A score so near to the threshold that rounding decides, on either side of it.
    logits[7][0] = logit(0.3);
    logits[8][0] = logit(0.3) - 1e-12;
    const scoreOf = (anchor: number) => 1 / (1 + Math.exp(-Math.max(...logits[anchor])));
    for (const most of [0, 1, 37, 999, 1000, 1001, Number.POSITIVE_INFINITY]) {
      const predict = { ...config.predict, scoreThreshold: 0.3, maxCandidates: most, maxBoxes: count };
      const wanted = Array.from({ length: count }, (_, i) => i)
        .filter((i) => scoreOf(i) >= 0.3)
        .sort((a, b) => scoreOf(b) - scoreOf(a) || a - b)
        .slice(0, most);
      const found = decodePredictions(headOf(logits), line(count), { ...config, predict });
      expect([...found.anchors], `seed ${seed}, at most ${most}`).toEqual(wanted);
    }
  });

  test.each([0, 1e-12, 0.1, 0.5, 0.999, 1 - 1e-12, 1])("a threshold of %f is a threshold on scores", (threshold) => {
    const logits = Array.from({ length: 401 }, (_, i) => [(i - 200) / 4, -99, -99]);
    const rules = {
      ...config,
      predict: { ...config.predict, scoreThreshold: threshold, maxBoxes: 999, maxCandidates: 999 },
    };
    const wanted = logits.filter(([x]) => 1 / (1 + Math.exp(-x)) >= threshold).length;
    expect(decodePredictions(headOf(logits), line(401), rules).scores.length).toBe(wanted);
  });

  test("nothing to find, and outputs that are no numbers", () => {
    expect(decodePredictions(headOf([[-9, -9, -9]]), line(1), config).boxes.length).toBe(0);
    expect(decodePredictions(headOf([]), line(0), config).boxes.length).toBe(0);
    const head = headOf([
      [Number.NaN, Number.NaN, Number.NaN],
      [1, 0, 0],
      [2, 0, 0],
    ]);
    head.box[7 + 3] = 1e4;
    head.box[14] = Number.NaN;
    expect(decodePredictions(head, line(3), config).boxes.length).toBe(0);
  });

  test("no box whose size is finite in float64 and infinite in float32, as a diverged network gives", () => {
    const head = headOf([
      [2, 0, 0],
      [1, 0, 0],
    ]);
    head.box[3] = 90; // e^90 = 1.2e39 times the anchor's length
    const { boxes, anchors } = decodePredictions(head, line(2), config);
    expect([...anchors]).toEqual([1]);
    expect([...boxes].every(Number.isFinite)).toBe(true);
  });

  test("boxes encoded into the head come back", () => {
    const anchors = buildAnchors({ ...config, pointRange: [0, -6.4, -3, 12.8, 6.4, 1] });
    const rng = seededRandom(31);
    const count = anchors.labels.length;
    const head = {
      cls: new Float32Array(count * 3).fill(-9),
      box: new Float32Array(count * 7),
      dir: new Float32Array(count * 2),
    };
    // far enough apart to stay, one per class
    const boxes = [
      [2, -4, -1, 4, 1.7, 1.5, offset + 0.4],
      [6, 0, -0.5, 0.7, 0.7, 1.8, offset + 4],
      [11, 4, -0.6, 1.8, 0.6, 1.7, offset + 6],
    ];
    const chosen = boxes.map((box, label) => {
      const anchor = Math.floor((rng() * count) / 6) * 6 + label * 2;
      head.cls[anchor * 3 + label] = 3 - label;
      head.box.set(encodeBoxes(box, anchors.boxes.subarray(anchor * 7, anchor * 7 + 7)), anchor * 7);
      head.dir[anchor * 2 + (box[6] - offset < Math.PI ? 0 : 1)] = 1;
      return anchor;
    });
    const found = decodePredictions(head, anchors, config);
    expect([...found.anchors]).toEqual(chosen);
    expect([...found.labels]).toEqual([0, 1, 2]);
    boxes.flat().forEach((value, i) => {
      expect(found.boxes[i]).toBeCloseTo(value, 5);
    });
  });

  test("errors", () => {
    const head = { cls: [1, 2, 3], box: new Float32Array(7), dir: new Float32Array(4) };
    expect(() => decodePredictions(head, line(1), config)).toThrow(
      "decodePredictions: expected 1 × 2 numbers for head.dir, got 4",
    );
  });
});
