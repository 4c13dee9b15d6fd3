import type { EvaluationObject } from "../../src/index.js";
import { type Point, polygonIntersectionArea } from "./polygon-intersection.js";

/**
 * The official evaluation, written down straight from its rules: one frame, one threshold, one ground truth at a
 * time; nothing is kept from one question to the next. Shares no code with the package.
 */
export type Curve = { curve: number[]; r11: number; r40: number };
type Frames = readonly (readonly EvaluationObject[])[];

const NEIGHBOURS: Record<string, string> = { car: "van", pedestrian: "person_sitting", cyclist: "" };
const LEVELS = {
  easy: { minHeight: 40, maxOcclusion: 0, maxTruncation: 0.15 },
  moderate: { minHeight: 25, maxOcclusion: 1, maxTruncation: 0.3 },
  hard: { minHeight: 25, maxOcclusion: 2, maxTruncation: 0.5 },
};

export interface Question {
  className: "car" | "pedestrian" | "cyclist";
  metric: "2d" | "bev" | "3d";
  level: keyof typeof LEVELS;
  limit: number;
}

export function naiveCurves(groundTruth: Frames, detections: Frames, question: Question): { ap: Curve; aos: Curve } {
  const hitScores: number[] = [];
  let objectCount = 0;
  for (let f = 0; f < groundTruth.length; f++) {
    const frame = naiveFrame(groundTruth[f], detections[f], question, undefined);
    hitScores.push(...frame.scores);
    objectCount += frame.objectCount;
  }
  hitScores.sort((a, b) => b - a);
  const thresholds: number[] = [];
  let wanted = 0;
  for (let i = 0; i < hitScores.length; i++) {
    const left = (i + 1) / objectCount;
    const right = i < hitScores.length - 1 ? (i + 2) / objectCount : left;
    if (right - wanted < wanted - left && i < hitScores.length - 1) continue;
    thresholds.push(hitScores[i]);
    wanted += 1.0 / 40.0;
  }
  const precision = new Array<number>(41).fill(0);
  const orientation = new Array<number>(41).fill(0);
  thresholds.forEach((threshold, t) => {
    let tp = 0;
    let fp = 0;
    let similarity = 0;
    for (let f = 0; f < groundTruth.length; f++) {
      const frame = naiveFrame(groundTruth[f], detections[f], question, threshold);
      tp += frame.scores.length;
      fp += frame.wrong;
      for (const delta of frame.turns) similarity += (1 + Math.cos(delta)) / 2;
    }
    precision[t] = tp / (tp + fp);
    orientation[t] = similarity / (tp + fp);
  });
  return { ap: summary(precision), aos: summary(orientation) };
}

function summary(values: number[]): Curve {
  const curve = values.map((own, i) => {
    if (Number.isNaN(own)) return own;
    return Math.max(...values.slice(i).filter((value) => !Number.isNaN(value)));
  });
  const mean = (points: number[]) => (100 * points.reduce((a, b) => a + b, 0)) / points.length;
  return { curve, r11: mean(curve.filter((_, i) => i % 4 === 0)), r40: mean(curve.slice(1)) };
}

function naiveFrame(
  labels: readonly EvaluationObject[],
  results: readonly EvaluationObject[],
  { className, metric, level, limit }: Question,
  threshold: number | undefined,
): { scores: number[]; turns: number[]; wrong: number; objectCount: number } {
  const { minHeight, maxOcclusion, maxTruncation } = LEVELS[level];
  const objects = labels.flatMap((object) => {
    const name = object.type.toLowerCase();
    if (name !== className && name !== NEIGHBOURS[className]) return [];
    const counts =
      name === className &&
      object.bbox[3] - object.bbox[1] > minHeight &&
      object.occluded <= maxOcclusion &&
      object.truncated <= maxTruncation;
    return [{ object, ignored: !counts }];
  });
  const candidates = results.flatMap((object) => {
    if (threshold !== undefined && (object.score as number) < threshold) return [];
    const ignored = Math.abs(object.bbox[3] - object.bbox[1]) < minHeight;
    if (!ignored && object.type.toLowerCase() !== className) return [];
    return [{ object, ignored, taken: false }];
  });

  const scores: number[] = [];
  const turns: number[] = [];
  for (const { object, ignored } of objects) {
    const near = candidates.filter((one) => !one.taken && naiveOverlap(one.object, object, metric) > limit);
    let choice: (typeof near)[number] | undefined;
    if (threshold === undefined) {
      const able = near.filter((one) => (one.object.score as number) > -1e7);
      choice = able.find((one) =>
        able.every((other) => (one.object.score as number) >= (other.object.score as number)),
      );
    } else {
      const valid = near.filter((one) => !one.ignored);
      const overlapOf = (one: (typeof near)[number]) => naiveOverlap(one.object, object, metric);
      choice = valid.find((one) => valid.every((other) => overlapOf(one) >= overlapOf(other))) ?? near[0];
    }
    if (choice === undefined) continue;
    choice.taken = true;
    if (ignored || choice.ignored) continue;
    scores.push(choice.object.score as number);
    turns.push(object.alpha - choice.object.alpha);
  }
  const regions = labels.filter((object) => object.type.toLowerCase() === "dontcare");
  const wrong = candidates.filter(
    (one) => !one.taken && !one.ignored && !regions.some((region) => naiveCover(one.object, region, metric) > limit),
  ).length;
  return { scores, turns, wrong, objectCount: objects.filter((one) => !one.ignored).length };
}

/** Intersection over union. */
export function naiveOverlap(a: EvaluationObject, b: EvaluationObject, metric: Question["metric"]): number {
  const shared = intersection(a, b, metric);
  return shared <= 0 ? 0 : shared / (size(a, metric) + size(b, metric) - shared);
}

function naiveCover(a: EvaluationObject, region: EvaluationObject, metric: Question["metric"]): number {
  const shared = intersection(a, region, metric);
  return shared <= 0 ? 0 : shared / size(a, metric);
}

function size(object: EvaluationObject, metric: Question["metric"]): number {
  const [x1, y1, x2, y2] = Array.from(object.bbox);
  const [height, width, length] = Array.from(object.dimensions);
  if (metric === "2d") return (x2 - x1) * (y2 - y1);
  return metric === "bev" ? width * length : width * length * height;
}

function intersection(a: EvaluationObject, b: EvaluationObject, metric: Question["metric"]): number {
  if (metric === "2d") {
    const span = (low: number, high: number) =>
      Math.max(0, Math.min(a.bbox[high], b.bbox[high]) - Math.max(a.bbox[low], b.bbox[low]));
    return span(0, 2) * span(1, 3);
  }
  const ground = polygonIntersectionArea(corners(a), corners(b));
  if (metric === "bev") return ground;
  const bottom = Math.min(a.location[1], b.location[1]);
  const top = Math.max(a.location[1] - a.dimensions[0], b.location[1] - b.dimensions[0]);
  return ground * Math.max(0, bottom - top);
}

function corners(object: EvaluationObject): Point[] {
  const cos = Math.cos(object.rotationY);
  const sin = Math.sin(object.rotationY);
  const [, width, length] = Array.from(object.dimensions);
  return [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ].map(([along, across]) => {
    const dx = (along * length) / 2;
    const dz = (across * width) / 2;
    return [object.location[0] + cos * dx + sin * dz, object.location[2] - sin * dx + cos * dz] as const;
  });
}
