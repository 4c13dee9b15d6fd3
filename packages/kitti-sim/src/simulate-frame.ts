import { type ObserveOptions, observeScene, type SimulatedFrame } from "./observe-scene.js";
import { randomStream } from "./random.js";
import { buildScene } from "./scene/build-scene.js";
import { BEAM_COUNTS, SENSORS } from "./sensor.js";

/** Which frame of which world. */
export interface FrameOptions extends ObserveOptions {
  /** a world of frames; a whole number >= 0 */
  readonly seed: number;
  /** a whole number >= 0; each frame is a street of its own */
  readonly frame: number;
}

/**
 * One frame: a street and what the sensors see of it. The same options give the same numbers, alone or among others.
 * The `"camera"` field is the same frame with the points in its sector only; an object that has fewer than five there is
 * DontCare.
 * @throws RangeError if seed or frame is no whole number >= 0, or another option is none of those that there are
 */
export function simulateFrame({ seed, frame, ...view }: FrameOptions): SimulatedFrame {
  checkFrameOptions("simulateFrame", { seed, frame, ...view });
  const scene = buildScene(randomStream(seed, frame, "scene"));
  return observeScene(scene, randomStream(seed, frame, "sensors"), view);
}

/** @throws RangeError in the name of the caller */
export function checkFrameOptions(
  caller: string,
  { seed, frame, field = "full", beams = 64, labels = "camera", panes = "clear" }: FrameOptions,
): void {
  for (const [name, value] of Object.entries({ seed, frame })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${caller}: expected a whole number >= 0 for ${name}, got ${value}`);
    }
  }
  for (const [name, value] of Object.entries({ field, labels })) {
    if (value === "full" || value === "camera") continue;
    throw new RangeError(`${caller}: expected "full" or "camera" for ${name}, got ${JSON.stringify(value)}`);
  }
  if (panes !== "clear" && panes !== "tinted") {
    throw new RangeError(`${caller}: expected "clear" or "tinted" for panes, got ${JSON.stringify(panes)}`);
  }
  if (!Object.hasOwn(SENSORS, beams)) {
    throw new RangeError(`${caller}: expected ${BEAM_COUNTS.join(", ")} for beams, got ${JSON.stringify(beams)}`);
  }
}
