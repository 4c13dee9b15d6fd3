import type { PublicTensor } from "../public-weights/renamed-tensors.js";
import { parsePytorchFile } from "./parse-pytorch-file.js";
import { kindOf, type PickleValue } from "./pickle-value.js";
import { PytorchTensor } from "./pytorch-tensor.js";

/** What a public checkpoint tells of a detector. */
export interface PublicCheckpoint {
  /** by the names of whoever made it */
  readonly tensors: ReadonlyMap<string, PublicTensor>;
  /** in label order, if it says so: MMDetection3D does */
  readonly classes?: readonly string[];
  /** of MMDetection3D, if it says so */
  readonly mmdet3dVersion?: string;
}

/** Where programs keep the weights in a checkpoint: OpenPCDet, MMDetection3D, others. */
const PLACES = ["model_state", "state_dict", "model"];
const PARALLEL = "module.";

/**
 * The weights in a file of `torch.save`: its `model_state` (OpenPCDet), `state_dict` (MMDetection3D) or the file itself, without the
 * prefix `module.` of a model that was trained in parallel.
 * @throws Error as {@link parsePytorchFile}; if there are no tensors by name in it
 */
export function readStateDict(bytes: Uint8Array, path = "file"): PublicCheckpoint {
  const file = parsePytorchFile(bytes, path);
  const expected = `readStateDict: ${path}: expected a dictionary of tensors, or one in ${PLACES.join(", ")}`;
  if (!(file instanceof Map)) throw new Error(`${expected}, got ${kindOf(file)}`);
  const place = PLACES.find((each) => file.get(each) instanceof Map);
  const state = place === undefined ? file : (file.get(place) as Map<PickleValue, PickleValue>);
  const named = [...state].filter(
    (entry): entry is [string, PytorchTensor] => typeof entry[0] === "string" && entry[1] instanceof PytorchTensor,
  );
  if (named.length === 0) throw new Error(`${expected}, got ${kindOf(state)} without tensors`);
  const prefix = named.every(([name]) => name.startsWith(PARALLEL)) ? PARALLEL.length : 0;
  const tensors = new Map(named.map(([name, tensor]) => [name.slice(prefix), tensor]));
  const meta = file.get("meta");
  return { tensors, ...(meta instanceof Map && describedBy(meta)) };
}

function describedBy(meta: Map<PickleValue, PickleValue>): Omit<PublicCheckpoint, "tensors"> {
  const dataset = meta.get("dataset_meta");
  const classes =
    meta.get("CLASSES") ?? (dataset instanceof Map ? (dataset.get("classes") ?? dataset.get("CLASSES")) : null);
  const version = meta.get("mmdet3d_version");
  return {
    ...(isTexts(classes) && { classes }),
    ...(typeof version === "string" && { mmdet3dVersion: version }),
  };
}

function isTexts(value: PickleValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
