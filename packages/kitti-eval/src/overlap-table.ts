import { groundRectangles, intersectionArea } from "./ground-rectangles.js";
import { type GroundTruthColumns, GrowingColumn, type ObjectColumns } from "./object-columns.js";
import {
  groundCoverAt,
  groundOverlapAt,
  imageCoverAt,
  imageOverlapAt,
  spaceCoverAt,
  spaceOverlapAt,
} from "./overlap.js";
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
  { objects, regions }: GroundTruthColumns,
  detections: ObjectColumns,
): Record<Metric, OverlapTable> {
  const places = groundRectangles(objects);
  const regionPlaces = groundRectangles(regions);
  const detectionPlaces = groundRectangles(detections);
  const meets = lookedAtByOneClass(objects, detections);
  const image = new TableBuilder(objects, detections);
  const ground = new TableBuilder(objects, detections);
  const space = new TableBuilder(objects, detections);

  for (let f = 0; f + 1 < detections.frameStarts.length; f++) {
    const from = detections.frameStarts[f];
    const to = detections.frameStarts[f + 1];
    for (let g = objects.frameStarts[f]; g < objects.frameStarts[f + 1]; g++) {
      for (let d = from; d < to; d++) {
        if (!meets(g, d)) continue;
        image.addPair(d, imageOverlapAt(detections.boxes, d, objects.boxes, g));
        const shared = intersectionArea(detectionPlaces, d, places, g);
        if (shared === 0) continue;
        ground.addPair(d, groundOverlapAt(shared, detections, d, objects, g));
        space.addPair(d, spaceOverlapAt(shared, detections, d, objects, g));
      }
      image.closeRow(g);
      ground.closeRow(g);
      space.closeRow(g);
    }
    for (let r = regions.frameStarts[f]; r < regions.frameStarts[f + 1]; r++) {
      for (let d = from; d < to; d++) {
        const shared = intersectionArea(detectionPlaces, d, regionPlaces, r);
        image.cover(d, imageCoverAt(detections.boxes, d, regions.boxes, r));
        ground.cover(d, groundCoverAt(shared, detections, d));
        space.cover(d, spaceCoverAt(shared, detections, d, regions, r));
      }
    }
  }
  return { "2d": image.table(), bev: ground.table(), "3d": space.table() };
}

/** Whether some class at some level looks at both a ground truth and a detection. */
function lookedAtByOneClass(objects: ObjectColumns, { boxes, classes }: ObjectColumns) {
  return (g: number, d: number): boolean =>
    Math.abs(boxes[4 * d + 1] - boxes[4 * d + 3]) < HIGHEST_HEIGHT || objects.classes[g] % NEIGHBOUR === classes[d];
}

/** Collects the pairs of one metric row by row; overlaps up to the limit are left out. */
export class TableBuilder {
  readonly #limit: number;
  readonly #starts: Int32Array;
  readonly #detections = new GrowingColumn(Int32Array);
  readonly #overlaps = new GrowingColumn(Float64Array);
  readonly #covers: Float64Array;

  constructor(objects: { readonly count: number }, detections: { readonly count: number }, limit = LOWEST_LIMIT) {
    this.#limit = limit;
    this.#starts = new Int32Array(objects.count + 1);
    this.#covers = new Float64Array(detections.count);
  }

  addPair(detection: number, overlap: number): void {
    if (overlap <= this.#limit) return;
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
      detections: this.#detections.values(),
      overlaps: this.#overlaps.values(),
      covers: this.#covers,
    };
  }
}
