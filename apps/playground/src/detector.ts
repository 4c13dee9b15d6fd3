import * as tf from "@tensorflow/tfjs-core";
import { EntropyMonitor, type EntropyProfile, entropyLoss, readEntropyProfile } from "entropy-loss";
import { cropToCameraView, type ImageSize, parseCalibration, parseScan } from "kitti-io/parse";
import { roadHeight } from "point-cloud-io";
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
import { learntRoad, type ModelCard, type PretrainedDetector } from "second-weights/decode";

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

/** Where the detector looks: a part ahead, all that is ahead, which takes five times as long, or all round. */
export type Range = "ahead" | "whole" | "round";

/** Weights that have learnt what a camera sees, and weights that have learnt whole scans. */
export interface PretrainedDetectors {
  readonly ahead: PretrainedDetector;
  readonly round: PretrainedDetector;
}

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
  /** metres that the scan was moved up by, so that its road lies where the detector learnt it; the boxes are where they were */
  readonly lift: number;
  /** of the weights */
  readonly card: ModelCard;
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
  readonly #pretrained: PretrainedDetectors;
  readonly #ranges = new Map<Range, RangeDetector>();

  constructor(pretrained: PretrainedDetectors) {
    this.#pretrained = pretrained;
  }

  /** @throws Error that says what is wrong with a file */
  async find(scan: ScanFile, range: Range): Promise<Found> {
    const { config, network, anchors } = this.#over(range);
    const clock = new StageClock();
    const { points, seen, lift } = readScan(scan, range);
    clock.lap("reading");
    const batch = collateFrames([prepareFrame(seen, config)], config);
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
      box: Array.from(boxes.subarray(7 * i, 7 * i + 7), (value, k) => (k === 2 ? value - lift : value)),
      score,
    }));
    const { card } = this.#weights(range);
    return { name: scan.name, points, pointsInView: seen.length / 4, objects, times: clock.laps, lift, card };
  }

  /**
   * The entropies of the layers, and whether they are as they usually are. Over the range for which that is known, whatever
   * was looked at; takes longer than {@link find}, for it keeps every layer.
   */
  readEntropies(scan: ScanFile, range: Range): EntropyReading {
    const { weights: arrays, config: whole, usual } = this.#weights(range);
    const config = { ...whole, pointRange: usual.pointRange };
    const batch = collateFrames([prepareFrame(readScan(scan, range).seen, config)], config);
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

  #weights(range: Range): PretrainedDetector {
    return range === "round" ? this.#pretrained.round : this.#pretrained.ahead;
  }

  /** The same weights over all of the range that they were measured on, or over the part that they were trained on. */
  #over(range: Range): RangeDetector {
    let detector = this.#ranges.get(range);
    if (detector === undefined) {
      const { weights, config: whole, usual } = this.#weights(range);
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

/** All points of a scan, and those that the detector is shown: of all round raised to the road that it knows. */
function readScan({ bytes, name, calibration, imageSize }: ScanFile, range: Range) {
  const points = parseScan(bytes, name, { nonFinite: "drop" });
  if (range === "round") {
    const lift = learntRoad - (roadHeight({ points, columns: COLUMNS }) ?? learntRoad);
    return { points, seen: points.map((value, i) => (i % 4 === 2 ? value + lift : value)), lift };
  }
  if (calibration === undefined) return { points, seen: points, lift: 0 };
  if (imageSize === undefined) throw new Error(`${name}: expected the size of the image with a calibration`);
  return { points, seen: cropToCameraView(points, parseCalibration(calibration, "calibration"), imageSize), lift: 0 };
}

const COLUMNS = ["x", "y", "z", "intensity"];

class StageClock {
  readonly laps: (readonly [string, number])[] = [];
  #last = performance.now();

  lap(stage: string): void {
    const now = performance.now();
    this.laps.push([stage, now - this.#last]);
    this.#last = now;
  }
}
