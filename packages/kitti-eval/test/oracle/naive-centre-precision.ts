import type { DetectionFrame } from "../../src/index.js";

/** nuScenes' average precision of one class, straight from its definition: percent, for frames whose objects all count. */
export function naiveCentrePrecision(frames: readonly DetectionFrame[], type: string, limit: number): number {
  const answers = frames
    .flatMap((frame) => frame.detections.map((detection) => ({ ...detection, frame })))
    .filter((answer) => answer.type === type)
    .sort((a, b) => b.score - a.score);
  const objectCount = frames.flatMap(({ objects }) => objects).filter((object) => object.type === type).length;
  const taken = new Set<unknown>();
  const recall: number[] = [];
  const precision: number[] = [];
  answers.forEach(({ frame, box }, i) => {
    const [nearest] = frame.objects
      .filter((object) => object.type === type && !taken.has(object))
      .map((object) => ({ object, distance: Math.hypot(object.box[0] - box[0], object.box[1] - box[1]) }))
      .sort((a, b) => a.distance - b.distance);
    if (nearest !== undefined && nearest.distance < limit) taken.add(nearest.object);
    recall.push(taken.size / objectCount);
    precision.push(taken.size / (i + 1));
  });
  /** the curve at one recall, as numpy.interp(recall, ..., right=0) */
  const at = (wanted: number): number => {
    if (wanted > recall[recall.length - 1]) return 0;
    if (wanted < recall[0]) return precision[0];
    const before = recall.findLastIndex((value) => value <= wanted);
    if (before === recall.length - 1) return precision[before];
    const share = (wanted - recall[before]) / (recall[before + 1] - recall[before]);
    return precision[before] * (1 - share) + precision[before + 1] * share;
  };
  const kept = Array.from({ length: 101 }, (_, i) => i * 0.01).slice(11);
  return (100 * kept.reduce((sum, wanted) => sum + Math.max(0, at(wanted) - 0.1), 0)) / kept.length / 0.9;
}
