import { type Evaluation, type EvaluationClass, LEVEL_LIMITS, type Level } from "kitti-eval";
import type { KittiObject } from "kitti-io";
import type { DetectorConfig } from "second-detector";

/** What the official metrics were computed from, and what came out. */
export interface OfficialCells {
  readonly groundTruth: readonly (readonly KittiObject[])[];
  readonly detections: readonly (readonly KittiObject[])[];
  readonly result: Evaluation;
}

/**
 * Why cells of the official table are empty or zero, in sentences: a line for each class of the detector and reason, judged by
 * 3D at the official overlap; and which classes the official metrics do not know. Nothing where no cell is empty.
 */
export function emptyCellReasons(cells: OfficialCells, config: Pick<DetectorConfig, "classes" | "predict">): string[] {
  const official = Object.keys(cells.result.strict);
  const [known, unknown] = [true, false].map((wanted) =>
    config.classes.map(({ name }) => name).filter((name) => official.includes(name.toLowerCase()) === wanted),
  );
  const reasons = known.flatMap((name) => classReasons(name, cells, config.predict));
  if (unknown.length === 0) return reasons;
  const are = unknown.length === 1 ? "is no class" : "are no classes";
  return [...reasons, `${unknown.join(", ")} ${are} of KITTI's metrics: see the tables of all classes`];
}

function classReasons(
  name: string,
  { groundTruth, detections, result }: OfficialCells,
  { scoreThreshold }: DetectorConfig["predict"],
): string[] {
  const ofClass = (frames: OfficialCells["groundTruth"]) =>
    frames.flat().filter(({ type }) => type.toLowerCase() === name.toLowerCase());
  const objects = ofClass(groundTruth);
  if (objects.length === 0) return [`${name}: no object in these frames`];
  const found = ofClass(detections).length;
  if (found === 0) return [`${name}: no detection scored above ${scoreThreshold}`];
  const levels = result.strict[name.toLowerCase() as EvaluationClass]["3d"];
  const byReason = new Map<string, { readonly levels: Level[]; readonly counts: Set<number> }>();
  for (const level of Object.keys(LEVEL_LIMITS) as Level[]) {
    const cell = levels?.[level];
    if (cell !== undefined && cell.r40 !== 0) continue;
    const { counted, reason } = levelReason(objects, level, { found, first: cell?.curve[0] ?? 0 });
    const of = byReason.get(reason) ?? { levels: [], counts: new Set() };
    byReason.set(reason, { levels: [...of.levels, level], counts: of.counts.add(counted) });
  }
  return [...byReason].map(
    ([reason, { levels, counts }]) =>
      `${name} ${levels.join(", ")}: ${[...counts].join(", ")} of ${objects.length} objects count: ${reason}`,
  );
}

/** @param first of the curve, which the average at 40 recalls leaves out; found: how many detections of the class */
function levelReason(
  objects: readonly KittiObject[],
  level: Level,
  { found, first }: { readonly found: number; readonly first: number },
): { readonly counted: number; readonly reason: string } {
  const faults = objects.map((object) => faultsOf(object, level));
  const counted = faults.filter(({ length }) => length === 0).length;
  if (counted === 0) {
    const kinds = [...new Set(faults.flat())];
    const number = (kind: string) => faults.filter((list) => list.includes(kind)).length;
    const reason = kinds.length === 1 ? kinds[0] : kinds.map((kind) => `${kind} (${number(kind)})`).join(", ");
    return { counted, reason };
  }
  if (counted === 1) return { counted, reason: "the average at 40 recalls of one is 0 for any detector" };
  if (first > 0) return { counted, reason: "too few are found for the average at 40 recalls to notice" };
  return { counted, reason: `none of ${found} detections matches one in 3D at the official overlap` };
}

/** Why an object does not count at a level: the rules of `kitti-eval`. */
function faultsOf({ bbox, occluded, truncated }: KittiObject, level: Level): string[] {
  const limits = LEVEL_LIMITS[level];
  return [
    ...(bbox[3] - bbox[1] <= limits.height ? [`2D height under ${limits.height} px`] : []),
    ...(occluded > limits.occluded ? [`occlusion over ${limits.occluded}`] : []),
    ...(truncated > limits.truncated ? [`truncation over ${limits.truncated}`] : []),
  ];
}

/** Of what running statistics began with, less than this is of no account. */
const LITTLE = 0.05;

/**
 * Says so if a network's running statistics have not yet settled: each step keeps 1 − momentum of them, and a detector runs on
 * them, not on a batch's own.
 * @param step optimiser steps since they began with mean 0 and variance 1
 */
export function unsettledStatistics(step: number, { batchNorm }: Pick<DetectorConfig, "batchNorm">): string[] {
  const kept = (1 - batchNorm.momentum) ** step;
  if (kept < LITTLE) return [];
  const { momentum } = batchNorm;
  return [
    `the running statistics still hold ${Math.round(100 * kept)} % of their start (${step} steps at momentum ${momentum}): train longer, or raise batchNorm.momentum`,
  ];
}
