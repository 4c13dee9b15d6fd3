import { groundRectangles, intersectionArea } from "./ground-rectangles.js";
import type { ObjectColumns } from "./object-columns.js";
import { groundCoverOf, groundOverlapOf, imageCover, imageOverlap, spaceCoverOf, spaceOverlapOf } from "./overlap.js";
import { EVALUATION_CLASSES, LEVEL_LIMITS, LOOSE_OVERLAP, type Metric, NEIGHBOUR } from "./rules.js";

/**
 * The overlaps of one metric that can ever matter, found once and used by every class, level, limit and threshold.
 * Pairs of ground truth g are `starts[g]` up to `starts[g + 1]`, in the order of the detections in their file.
 */
export interface OverlapTable {
  /** [ground truths + 1] */
  readonly starts: Int32Array;
  /** [pairs] index of the detection */
  readonly detections: Int32Array;
  /** [pairs] intersection over union, greater than the lowest limit in use */
  readonly overlaps: Float64Array;
  /** [detections] the largest share of the detection that lies in one DontCare region */
  readonly covers: Float64Array;
}

/** Overlaps up to this are no match at any limit. */
const LOWEST_LIMIT = Math.min(...EVALUATION_CLASSES.map((name) => LOOSE_OVERLAP[name]));
/** Detections lower than this are looked at by every class at some level. */
const HIGHEST_HEIGHT = Math.max(...Object.values(LEVEL_LIMITS).map((limits) => limits.height));

/** One table per metric. The ground intersections are computed once for `bev` and `3d` together. */
export function overlapTables(
  groundTruth: ObjectColumns,
  regions: ObjectColumns,
  detections: ObjectColumns,
): Record<Metric, OverlapTable> {
  const places = groundRectangles(groundTruth.objects);
  const regionPlaces = groundRectangles(regions.objects);
  const detectionPlaces = groundRectangles(detections.objects);
  const meets = lookedAtByOneClass(groundTruth, detections);
  const image = new TableBuilder(groundTruth, detections);
  const ground = new TableBuilder(groundTruth, detections);
  const space = new TableBuilder(groundTruth, detections);

  for (let f = 0; f + 1 < detections.frameStarts.length; f++) {
    const from = detections.frameStarts[f];
    const to = detections.frameStarts[f + 1];
    for (let g = groundTruth.frameStarts[f]; g < groundTruth.frameStarts[f + 1]; g++) {
      const object = groundTruth.objects[g];
      for (let d = from; d < to; d++) {
        if (!meets(g, d)) continue;
        const detection = detections.objects[d];
        image.addPair(d, imageOverlap(detection, object));
        const shared = intersectionArea(detectionPlaces, d, places, g);
        if (shared === 0) continue;
        ground.addPair(d, groundOverlapOf(shared, detection, object));
        space.addPair(d, spaceOverlapOf(shared, detection, object));
      }
      image.closeRow(g);
      ground.closeRow(g);
      space.closeRow(g);
    }
    for (let r = regions.frameStarts[f]; r < regions.frameStarts[f + 1]; r++) {
      const region = regions.objects[r];
      for (let d = from; d < to; d++) {
        const detection = detections.objects[d];
        const shared = intersectionArea(detectionPlaces, d, regionPlaces, r);
        image.cover(d, imageCover(detection, region));
        ground.cover(d, groundCoverOf(shared, detection));
        space.cover(d, spaceCoverOf(shared, detection, region));
      }
    }
  }
  return { "2d": image.table(), bev: ground.table(), "3d": space.table() };
}

/** Whether some class at some level looks at both a ground truth and a detection. */
function lookedAtByOneClass(groundTruth: ObjectColumns, detections: ObjectColumns): (g: number, d: number) => boolean {
  const low = detections.objects.map(({ bbox }) => Math.abs(bbox[1] - bbox[3]) < HIGHEST_HEIGHT);
  return (g, d) => low[d] || groundTruth.classes[g] % NEIGHBOUR === detections.classes[d];
}

/** Collects the pairs of one metric row by row. */
class TableBuilder {
  readonly #starts: Int32Array;
  readonly #detections: number[] = [];
  readonly #overlaps: number[] = [];
  readonly #covers: Float64Array;

  constructor(groundTruth: ObjectColumns, detections: ObjectColumns) {
    this.#starts = new Int32Array(groundTruth.objects.length + 1);
    this.#covers = new Float64Array(detections.objects.length);
  }

  addPair(detection: number, overlap: number): void {
    if (overlap <= LOWEST_LIMIT) return;
    this.#detections.push(detection);
    this.#overlaps.push(overlap);
  }

  closeRow(groundTruth: number): void {
    this.#starts[groundTruth + 1] = this.#overlaps.length;
  }

  cover(detection: number, share: number): void {
    if (share > this.#covers[detection]) this.#covers[detection] = share;
  }

  table(): OverlapTable {
    return {
      starts: this.#starts,
      detections: Int32Array.from(this.#detections),
      overlaps: Float64Array.from(this.#overlaps),
      covers: this.#covers,
    };
  }
}
