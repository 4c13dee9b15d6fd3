import type { DetectorConfig } from "../config/detector-config.js";
import type { NamedArray } from "../named-array.js";
import type { PublicCheckpoint } from "../pytorch-file/state-dict.js";
import { areMmdet3dNames, hasOldPoints, mmdet3dConfig, weightsFromMmdet3d } from "./mmdetection3d.js";
import { openPcdetConfig, weightsFromOpenPcdet } from "./openpcdet.js";

/** Programs whose weights can be taken over; MMDetection3D's box was another before 1.0. */
export const publicSources = ["openpcdet", "mmdetection3d", "mmdetection3d-0.x"] as const;
export type PublicSource = (typeof publicSources)[number];

/** A detector of another program as one of ours. */
export interface PublicDetector {
  /** with the anchors and directions of that program */
  readonly config: DetectorConfig;
  readonly weights: Map<string, NamedArray>;
  readonly source: PublicSource;
  /** the classes that the program had, in its label order, where the file tells or it is known */
  readonly classes?: readonly string[] | undefined;
}

/**
 * A detector out of a checkpoint of OpenPCDet or MMDetection3D.
 * @param source whose it is; default: what its names tell, and for MMDetection3D the version in the file or the features of a point, 1.0 or later without
 * @throws RangeError as {@link weightsFromOpenPcdet} and {@link weightsFromMmdet3d}
 */
export function publicDetector(
  { tensors, classes, mmdet3dVersion }: PublicCheckpoint,
  config: DetectorConfig,
  source: PublicSource = sourceOf(tensors, mmdet3dVersion),
): PublicDetector {
  if (source === "openpcdet") {
    return { config: openPcdetConfig(config), weights: weightsFromOpenPcdet(tensors, config), source };
  }
  const before1 = source === "mmdetection3d-0.x";
  return {
    config: mmdet3dConfig(config),
    weights: weightsFromMmdet3d(tensors, config, { classes, before1 }),
    source,
    classes,
  };
}

function sourceOf(tensors: PublicCheckpoint["tensors"], mmdet3dVersion: string | undefined): PublicSource {
  if (!areMmdet3dNames(tensors.keys())) return "openpcdet";
  return mmdet3dVersion?.startsWith("0.") || hasOldPoints(tensors) ? "mmdetection3d-0.x" : "mmdetection3d";
}
