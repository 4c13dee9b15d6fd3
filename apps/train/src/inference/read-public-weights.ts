import { readFileSync } from "node:fs";
import {
  type DetectorConfig,
  float32Arrays,
  imageWeightsFromTorchvision,
  type NamedArray,
  parseSafetensors,
  weightsFromOpenPcdet,
} from "second-detector";

/** Whole numbers that PyTorch keeps among weights. */
const COUNTERS = /(^|\.)(num_batches_tracked|global_step)$/;

/**
 * Weights of a camera's ResNet-18 out of a safetensors file with torchvision's names.
 * @throws Error naming the file, if it is not there, is no safetensors file or does not fit the configuration
 */
export function readImageWeights(path: string, config: DetectorConfig): Map<string, NamedArray> {
  return convert(path, (arrays) => imageWeightsFromTorchvision(arrays, config));
}

/**
 * Weights of a whole detector out of a safetensors file with OpenPCDet's names.
 * @throws Error as {@link readImageWeights}
 */
export function readOpenPcdetWeights(path: string, config: DetectorConfig): Map<string, NamedArray> {
  return convert(path, (arrays) => weightsFromOpenPcdet(arrays, config));
}

function convert(
  path: string,
  byName: (arrays: ReadonlyMap<string, NamedArray>) => Map<string, NamedArray>,
): Map<string, NamedArray> {
  try {
    const tensors = [...parseSafetensors(readFileSync(path), path)].filter(([name]) => !COUNTERS.test(name));
    return byName(float32Arrays(new Map(tensors)));
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
