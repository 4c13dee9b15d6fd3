import { observeScene, type SimulatedFrame } from "./observe-scene.js";
import { randomStream } from "./random.js";
import { buildScene } from "./scene/build-scene.js";
import type { Field } from "./sensor.js";

/** Which frame of which world. */
export interface FrameOptions {
  /** a world of frames; a whole number >= 0 */
  readonly seed: number;
  /** a whole number >= 0; each frame is a street of its own */
  readonly frame: number;
  /** `"full"` turn of the LiDAR, as in KITTI's files, or the `"camera"` sector of 90° ahead. Default `"full"`. */
  readonly field?: Field;
}

/**
 * One frame: a street and what the sensors see of it. The same options give the same numbers, alone or among others.
 * The `"camera"` field is the same frame with the points in its sector only; an object that has fewer than five there is
 * DontCare.
 * @throws RangeError if seed or frame is no whole number >= 0 or the field has another name
 */
export function simulateFrame({ seed, frame, field = "full" }: FrameOptions): SimulatedFrame {
  checkFrameOptions("simulateFrame", { seed, frame, field });
  const scene = buildScene(randomStream(seed, frame, "scene"));
  return observeScene(scene, randomStream(seed, frame, "sensors"), { field });
}

/** @throws RangeError in the name of the caller */
export function checkFrameOptions(caller: string, { seed, frame, field }: Required<FrameOptions>): void {
  for (const [name, value] of Object.entries({ seed, frame })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${caller}: expected a whole number >= 0 for ${name}, got ${value}`);
    }
  }
  if (field !== "full" && field !== "camera") {
    throw new RangeError(`${caller}: expected "full" or "camera" for field, got ${JSON.stringify(field)}`);
  }
}
