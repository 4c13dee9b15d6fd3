import {
  type DetectorConfig,
  imageWeightsFromTorchvision,
  type NamedArray,
  parseSafetensors,
  weightsFromOpenPcdet,
} from "second-detector";
import { MOST_BYTES, readBytes } from "../system/read-file.js";

/**
 * Weights of a camera's ResNet-18 out of a safetensors file with torchvision's names.
 * @throws Error naming the file, if it is not there, is no safetensors file or does not fit the configuration
 */
export function readImageWeights(path: string, config: DetectorConfig): Map<string, NamedArray> {
  return convert(path, (tensors) => imageWeightsFromTorchvision(tensors, config));
}

/**
 * Weights of a whole detector out of a safetensors file with OpenPCDet's names.
 * @throws Error as {@link readImageWeights}
 */
export function readOpenPcdetWeights(path: string, config: DetectorConfig): Map<string, NamedArray> {
  return convert(path, (tensors) => weightsFromOpenPcdet(tensors, config));
}

function convert(
  path: string,
  byName: (tensors: ReturnType<typeof parseSafetensors>) => Map<string, NamedArray>,
): Map<string, NamedArray> {
  const tensors = parseSafetensors(readBytes(path, { what: "weights", most: MOST_BYTES.tensors }), path);
  try {
    return byName(tensors);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
