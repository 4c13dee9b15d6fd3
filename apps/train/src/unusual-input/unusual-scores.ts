import { EntropyMonitor } from "entropy-loss";
import { mahalanobisFrom, neighbourDistanceFrom } from "./feature-distance.js";
import type { ScanReading } from "./scan-reading.js";

/** Scores that tell how unusual a scan is: the entropies', and what else could be read instead. */
export const MEASURES = {
  deviation: "`EntropyMonitor`: all entropies and their changes, from their clean means in clean deviations",
  L1: "the value of the Entropy Loss",
  confidence: "mean score of the detections, turned round",
  energy: "joint energy of all anchors and classes",
  Mahalanobis: "of the mean of each channel of each tap, covariance shrunk by Ledoit and Wolf",
  "5th neighbour": "distance of the same means to the fifth nearest reference frame, each divided by its deviation",
  voxels: "number of voxels with points, from its clean mean: needs no network",
} as const;
export type Measure = keyof typeof MEASURES;
export const measures = Object.keys(MEASURES) as readonly Measure[];

/** Of one scan; higher is more unusual. */
export type UnusualScores = Readonly<Record<Measure, number>>;

/** Learns from clean scans what is usual. @param reference two readings or more of one network. @returns scores of any reading of it */
export function learnUsual(reference: readonly ScanReading[]): (reading: ScanReading) => UnusualScores {
  const monitor = new EntropyMonitor();
  for (const { entropies } of reference) monitor.observe(entropies);
  const features = reference.map(({ pooled }) => pooled);
  const mahalanobis = mahalanobisFrom(features);
  const neighbour = neighbourDistanceFrom(features, Math.min(5, features.length));
  const voxels = reference.reduce((sum, reading) => sum + reading.voxels, 0) / reference.length;
  return (reading) => {
    const { deviation, l1 } = monitor.score(reading.entropies);
    return {
      deviation,
      L1: l1,
      confidence: -reading.confidence,
      energy: reading.energy,
      Mahalanobis: mahalanobis(reading.pooled),
      "5th neighbour": neighbour(reading.pooled),
      voxels: Math.abs(reading.voxels - voxels),
    };
  };
}
