import { onnxDetector } from "detector-onnx";
import type { DetectorBatch, DetectorConfig, NamedArray, PointBatch } from "second-detector";

/** Head maps in memory, as `second-detector` has them. */
export type HeadMaps = readonly [cls: Float32Array, box: Float32Array, dir: Float32Array];

/** A detector in ONNX Runtime, with its input in memory. */
export interface OnnxPeer {
  readonly version: string;
  run(): Promise<HeadMaps>;
}

/** What goes in: a batch's columns of points, or the map that our encoder made. */
export type PeerInput = { readonly batch: DetectorBatch } | { readonly map: Float32Array; readonly shape: number[] };

/**
 * Opens what `eloss export` would write in ONNX Runtime, with all of its own optimisations.
 * @throws Error if the package is not there, or has no library for this machine
 */
export async function openOnnxPeer(
  arrays: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
  { input, threads }: { readonly input: PeerInput; readonly threads: number },
): Promise<OnnxPeer> {
  const { InferenceSession, Tensor, env } = await importRuntime();
  const { bytes } = onnxDetector(arrays, config, { description: "untrained", licence: "Apache-2.0" });
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  const feeds =
    "map" in input
      ? { bev_map: new Tensor("float32", input.map, input.shape) }
      : pillarFeeds(input.batch as PointBatch, config.maxPointsPerVoxel, Tensor);
  return {
    version: env.versions.node ?? env.versions.common,
    async run() {
      const { class_logits, box_codes, direction_logits } = await session.run(feeds);
      return [class_logits, box_codes, direction_logits].map(({ data }) => data as Float32Array) as unknown as HeadMaps;
    },
  };
}

async function importRuntime() {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new Error(`--onnxruntime: expected the package onnxruntime-node to load: ${(cause as Error).message}`, {
      cause,
    });
  }
}

type TensorClass = Awaited<ReturnType<typeof importRuntime>>["Tensor"];

/** Columns filled up with rows of zeros, and where they stand. */
function pillarFeeds({ points, starts, coords }: PointBatch, slots: number, Tensor: TensorClass) {
  const pillars = starts.length - 1;
  const width = points.length / starts[pillars];
  const padded = new Float32Array(pillars * slots * width);
  const places = new Int32Array(3 * pillars);
  for (let i = 0; i < pillars; i++) {
    padded.set(points.subarray(starts[i] * width, starts[i + 1] * width), i * slots * width);
    places.set(coords.subarray(4 * i + 1, 4 * i + 4), 3 * i); // without the number of the scan
  }
  return {
    pillar_points: new Tensor("float32", padded, [pillars, slots, width]),
    pillar_coords: new Tensor("int32", places, [pillars, 3]),
  };
}
