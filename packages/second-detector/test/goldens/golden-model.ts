import {
  assignTargets,
  buildAnchors,
  builtinConfig,
  collateFrames,
  type NamedArray,
  prepareFrame,
  type VoxelBatch,
  type Weights,
  weightsFromArrays,
} from "../../src/index.js";
import { goldenTensors } from "./golden-second.js";

/** Configuration of the goldens. */
export const goldenConfig = builtinConfig("second-mini");

/** The two frames of the goldens, from their points. */
export function goldenBatch(): VoxelBatch {
  const inputs = goldenTensors("inputs");
  const frames = [0, 1].map((b) => prepareFrame(inputs.get(`${b}/points`)!.data as Float32Array, goldenConfig));
  return collateFrames(frames, goldenConfig) as VoxelBatch;
}

/** The weights of the goldens; loading them is the test of names and shapes. */
export function goldenWeights(): Weights {
  return weightsFromArrays(goldenConfig, goldenTensors("weights") as unknown as Map<string, NamedArray>);
}

/** What the anchors of the two frames have to learn. */
export function goldenTargets() {
  const anchors = buildAnchors(goldenConfig);
  const inputs = goldenTensors("inputs");
  return [0, 1].map((b) => {
    const [boxes, labels] = ["boxes", "labels"].map((name) => inputs.get(`${b}/${name}`)!.data);
    return assignTargets({ boxes, labels }, anchors, goldenConfig);
  });
}
