import * as tf from "@tensorflow/tfjs-core";
import { EntropyMonitor, type EntropyProfile, entropyLoss, readEntropyProfile } from "entropy-loss";
import { cropToCameraView, type ImageSize, parseCalibration, parseScan } from "kitti-io/parse";
import {
  type AnchorGrid,
  buildAnchors,
  collateFrames,
  type DetectorConfig,
  decodePredictions,
  disposeWeights,
  forwardDetector,
  InferenceNetwork,
  prepareFrame,
  weightsFromArrays,
} from "second-detector";
import type { PretrainedDetector } from "second-weights/decode";

/** A scan to look at. */
export interface ScanFile {
  readonly name: string;
  /** KITTI's format: float32 x, y, z, intensity */
  readonly bytes: Uint8Array;
  /** text of a KITTI calibration: only what the camera sees is used, as in training */
  readonly calibration?: string;
  /** of the camera's image; needed with a calibration */
  readonly imageSize?: ImageSize;
}

/** What the layers of the network say about a scan. */
export interface EntropyReading {
  readonly profile: EntropyProfile;
  /** of the entropies from their usual values, in usual standard deviations */
  readonly deviation: number;
  /** above it a scan is unlike those that the detector learnt from */
  readonly threshold: number;
}

/** How far the detector looks. The whole range takes five times as long as the part ahead. */
export type Range = "ahead" | "whole";

/** What was found in a scan. */
export interface Found {
  readonly name: string;
  /** [n, 4] all points of the scan: x, y, z in metres, LiDAR frame, intensity */
  readonly points: Float32Array;
  /** points in the camera's view, all of them without a calibration */
  readonly pointsInView: number;
  /** best first; box: x, y, z of the centre, length, width, height, yaw */
  readonly objects: readonly FoundObject[];
  /** milliseconds of each stage, in order */
  readonly times: readonly (readonly [stage: string, milliseconds: number])[];
}

/** One object that was found. */
export interface FoundObject {
  readonly type: string;
  readonly box: readonly number[];
  /** 0..1 */
  readonly score: number;
}

/** Trained weights, ready to look at scans. */
export class ScanDetector {
  readonly #pretrained: PretrainedDetector;
  readonly #ranges = new Map<Range, RangeDetector>();

  constructor(pretrained: PretrainedDetector) {
    this.#pretrained = pretrained;
  }

  /** @throws Error that says what is wrong with a file */
  async find(scan: ScanFile, range: Range): Promise<Found> {
    const { config, network, anchors } = this.#over(range);
    const clock = new StageClock();
    const points = parseScan(scan.bytes, scan.name, { nonFinite: "drop" });
    const visible = visiblePoints(points, scan);
    clock.lap("reading");
    const batch = collateFrames([prepareFrame(visible, config)], config);
    clock.lap("voxels");
    const map = network.encode(batch);
    clock.lap("sparse layers");
    const head = network.detect(map);
    const [cls, box, dir] = await Promise.all([head.cls.data(), head.box.data(), head.dir.data()]);
    tf.dispose([map, head.cls, head.box, head.dir]);
    clock.lap("map layers");
    const { boxes, scores, labels } = decodePredictions({ cls, box, dir }, anchors, config);
    clock.lap("boxes");
    const objects = Array.from(scores, (score, i) => ({
      type: config.classes[labels[i]].name,
      box: Array.from(boxes.subarray(7 * i, 7 * i + 7)),
      score,
    }));
    return { name: scan.name, points, pointsInView: visible.length / 4, objects, times: clock.laps };
  }

  /**
   * The entropies of the layers, and whether they are as they usually are. Over the range for which that is known, whatever
   * was looked at; takes longer than {@link find}, for it keeps every layer.
   */
  readEntropies(scan: ScanFile): EntropyReading {
    const { weights: arrays, config: whole, usual } = this.#pretrained;
    const config = { ...whole, pointRange: usual.pointRange };
    const points = visiblePoints(parseScan(scan.bytes, scan.name, { nonFinite: "drop" }), scan);
    const batch = collateFrames([prepareFrame(points, config)], config);
    const weights = weightsFromArrays(config, arrays);
    try {
      let profile!: EntropyProfile;
      tf.tidy(() => {
        profile = readEntropyProfile(entropyLoss(forwardDetector(weights, batch, { config }).taps).profile);
      });
      const { deviation } = EntropyMonitor.fromJSON(usual.monitor).score(
        profile.blocks.map(({ entropies }) => entropies),
      );
      return { profile, deviation, threshold: usual.threshold };
    } finally {
      disposeWeights(weights);
    }
  }

  /** The same weights over all of the range that they were measured on, or over the part that they were trained on. */
  #over(range: Range): RangeDetector {
    let detector = this.#ranges.get(range);
    if (detector === undefined) {
      const { weights, config: whole, usual } = this.#pretrained;
      const config = range === "ahead" ? { ...whole, pointRange: usual.pointRange } : whole;
      detector = { config, network: new InferenceNetwork(weights, config), anchors: buildAnchors(config) };
      this.#ranges.set(range, detector);
    }
    return detector;
  }
}

interface RangeDetector {
  readonly config: DetectorConfig;
  readonly network: InferenceNetwork;
  readonly anchors: AnchorGrid;
}

function visiblePoints(points: Float32Array, { name, calibration, imageSize }: ScanFile): Float32Array {
  if (calibration === undefined) return points;
  if (imageSize === undefined) throw new Error(`${name}: expected the size of the image with a calibration`);
  return cropToCameraView(points, parseCalibration(calibration, "calibration"), imageSize);
}

class StageClock {
  readonly laps: (readonly [string, number])[] = [];
  #last = performance.now();

  lap(stage: string): void {
    const now = performance.now();
    this.laps.push([stage, now - this.#last]);
    this.#last = now;
  }
}
