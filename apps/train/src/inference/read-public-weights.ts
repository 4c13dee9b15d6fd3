import { extname } from "node:path";
import {
  type DetectorConfig,
  imageWeightsFromTorchvision,
  isPytorchFile,
  type NamedArray,
  type PublicCheckpoint,
  type PublicDetector,
  type PublicSource,
  parseSafetensors,
  publicDetector,
  readStateDict,
} from "second-detector";
import { MOST_BYTES, readBytes } from "../system/read-file.js";

/** Files that are PyTorch's whatever they begin with, so that an error speaks of that. */
const PYTORCH = [".pth", ".pt", ".ckpt"];

/**
 * Weights of a camera's ResNet-18 out of a file with torchvision's names: safetensors, or one of `torch.save`.
 * @throws Error naming the file, if it is not there, is no such file or does not fit the configuration
 */
export function readImageWeights(path: string, config: DetectorConfig): Map<string, NamedArray> {
  return convert(path, ({ tensors }) => imageWeightsFromTorchvision(tensors, config));
}

/**
 * A whole detector out of a checkpoint of OpenPCDet or MMDetection3D: safetensors, or a file of `torch.save`.
 * @param source whose it is; default: what its names tell
 * @throws Error as {@link readImageWeights}
 */
export function readPublicDetector(path: string, config: DetectorConfig, source?: PublicSource): PublicDetector {
  return convert(path, (checkpoint) => publicDetector(checkpoint, config, source));
}

function convert<T>(path: string, byName: (checkpoint: PublicCheckpoint) => T): T {
  const bytes = readBytes(path, { what: "weights", most: MOST_BYTES.tensors });
  const isPytorch = isPytorchFile(bytes) || PYTORCH.includes(extname(path));
  const checkpoint = isPytorch ? readStateDict(bytes, path) : { tensors: parseSafetensors(bytes, path) };
  try {
    return byName(checkpoint);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
