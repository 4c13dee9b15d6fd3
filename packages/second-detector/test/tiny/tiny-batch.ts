import * as tf from "@tensorflow/tfjs-core";
import {
  collateFrames,
  type DetectorBatch,
  type DetectorConfig,
  disposeWeights,
  type ForwardResult,
  forwardDetector,
  type NamedArray,
  prepareFrame,
  type ReportedLoss,
  type VoxelBatch,
  weightsFromArrays,
} from "../../src/index.js";
import { tinyConfig } from "./tiny-config.js";

const config = tinyConfig();

/** Points spread evenly over the range of {@link tinyConfig}, with an intensity each. */
export function randomScan(count: number, rng: () => number): Float32Array {
  const [x0, y0, z0, x1, y1, z1] = config.pointRange;
  const points = new Float32Array(count * 4);
  for (let i = 0; i < points.length; i += 4) {
    points[i] = x0 + rng() * (x1 - x0);
    points[i + 1] = y0 + rng() * (y1 - y0);
    points[i + 2] = z0 + rng() * (z1 - z0);
    points[i + 3] = rng();
  }
  return points;
}

/** A batch of scans for {@link tinyConfig}. */
export function batchOf(...scans: Float32Array[]): VoxelBatch {
  return batchFor(config, ...scans) as VoxelBatch;
}

/** A batch of scans for another configuration. */
export function batchFor(config: DetectorConfig, ...scans: Float32Array[]): DetectorBatch {
  return collateFrames(
    scans.map((scan) => prepareFrame(scan, config)),
    config,
  );
}

/** A smooth loss that every output has a part in. */
export function meanSquareLoss({ head, taps }: ForwardResult): ReportedLoss<undefined> {
  const outputs = [head.cls, head.box, head.dir, ...taps.flat()].map((x) => tf.mean(tf.square(tf.add(x, 0.5))));
  return { loss: tf.addN(outputs) as tf.Scalar, report: undefined };
}

/** The mean-square loss of a batch as a function of how far one of the arrays of weights is moved along a direction. */
export function lossAlong(
  name: string,
  direction: Float32Array,
  { config, batch, arrays }: { config: DetectorConfig; batch: DetectorBatch; arrays: ReadonlyMap<string, NamedArray> },
): (by: number) => number {
  const { shape, data } = arrays.get(name)!;
  return (by) => {
    const moved = { shape, data: data.map((w, i) => w + by * direction[i]) };
    const weights = weightsFromArrays(config, new Map(arrays).set(name, moved));
    const value = tf.tidy(
      () => meanSquareLoss(forwardDetector(weights, batch, { config, training: true })).loss.dataSync()[0],
    );
    disposeWeights(weights);
    return value;
  };
}
