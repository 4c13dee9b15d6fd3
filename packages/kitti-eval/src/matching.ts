import { ABSENT, type ClassView, IGNORED, VALID } from "./object-columns.js";
import type { OverlapTable } from "./overlap-table.js";

/** All that matching needs for one class, level, metric and overlap limit. */
export interface MatchProblem {
  readonly table: OverlapTable;
  readonly view: ClassView;
  /** [detections] */
  readonly scores: Float64Array;
  /** A match needs an overlap greater than this. */
  readonly limit: number;
}

/** What one threshold gives over all frames. */
export interface MatchCounts {
  truePositives: number;
  falsePositives: number;
  /** Sum over the true positives of the similarity asked for. */
  similarity: number;
}

/** Scores not above this are never matched while thresholds are collected. */
const NO_SCORE = -1e7;

/**
 * Greedy matching of the official evaluation. Ground truths choose in file order: by score when thresholds are
 * collected, by overlap when a threshold's hits are counted. Frames need no loop of their own, for pairs never leave
 * their frame.
 */
export class Matcher {
  readonly #problem: MatchProblem;
  /** Ground truths that may choose and have something to choose from, in file order. */
  readonly #choosers: Int32Array;
  /** Scores of the valid detections outside DontCare, ascending. */
  readonly #wrongUnlessTaken: Float64Array;
  /** [detections] number of the last pass that took it */
  readonly #takenIn: Int32Array;
  #pass = 0;

  constructor(problem: MatchProblem) {
    this.#problem = problem;
    const { table, view, scores, limit } = problem;
    const { groundTruthStates, detectionStates } = view;
    const choosers: number[] = [];
    for (let g = 0; g < groundTruthStates.length; g++) {
      if (groundTruthStates[g] !== ABSENT && table.starts[g + 1] > table.starts[g]) choosers.push(g);
    }
    this.#choosers = Int32Array.from(choosers);
    const open: number[] = [];
    for (let d = 0; d < detectionStates.length; d++) {
      if (detectionStates[d] === VALID && table.covers[d] <= limit) open.push(scores[d]);
    }
    this.#wrongUnlessTaken = Float64Array.from(open).sort();
    this.#takenIn = new Int32Array(detectionStates.length);
  }

  /** Scores of the true positives when every ground truth takes the free detection of highest score; any order. */
  collectScores(): number[] {
    const { table, view, scores, limit } = this.#problem;
    const { groundTruthStates, detectionStates } = view;
    const pass = ++this.#pass;
    const hits: number[] = [];
    for (const g of this.#choosers) {
      let best = -1;
      let bestScore = NO_SCORE;
      for (let p = table.starts[g]; p < table.starts[g + 1]; p++) {
        const d = table.detections[p];
        if (detectionStates[d] === ABSENT || this.#takenIn[d] === pass || !(table.overlaps[p] > limit)) continue;
        if (scores[d] > bestScore) {
          best = d;
          bestScore = scores[d];
        }
      }
      if (best < 0) continue;
      this.#takenIn[best] = pass;
      if (groundTruthStates[g] === VALID && detectionStates[best] === VALID) hits.push(bestScore);
    }
    return hits;
  }

  /** Counts at one threshold. Writes into `counts`, so that a curve allocates nothing. */
  countInto(threshold: number, counts: MatchCounts, similarity?: (g: number, d: number) => number): void {
    const { table, view, scores, limit } = this.#problem;
    const { groundTruthStates, detectionStates } = view;
    const pass = ++this.#pass;
    let hits = 0;
    let similaritySum = 0;
    let wrong = this.#wrongUnlessTaken.length - lowerBound(this.#wrongUnlessTaken, threshold);
    for (const g of this.#choosers) {
      let best = -1;
      let bestOverlap = 0;
      for (let p = table.starts[g]; p < table.starts[g + 1]; p++) {
        const d = table.detections[p];
        const overlap = table.overlaps[p];
        if (detectionStates[d] === ABSENT || this.#takenIn[d] === pass) continue;
        if (!(overlap > limit) || scores[d] < threshold) continue;
        if (detectionStates[d] === VALID && overlap > bestOverlap) {
          best = d;
          bestOverlap = overlap;
        } else if (detectionStates[d] === IGNORED && best < 0) {
          best = d; // stands in until a valid detection comes: bestOverlap stays 0
        }
      }
      if (best < 0) continue;
      this.#takenIn[best] = pass;
      if (detectionStates[best] !== VALID) continue;
      if (table.covers[best] <= limit) wrong--;
      if (groundTruthStates[g] !== VALID) continue;
      hits++;
      if (similarity !== undefined) similaritySum += similarity(g, best);
    }
    counts.truePositives = hits;
    counts.falsePositives = wrong;
    counts.similarity = similaritySum;
  }
}

/** Index of the first entry that is not below the value, in an ascending array. */
export function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
