import type { AugmentationConfig, Recipe } from "../recipe/recipe-schema.js";

/** What a detector is to look at: what a camera sees of a scan, or all that is round the sensor. */
export type PretrainedView = "camera" | "full";

/** Bounds of x, y, z from and to, metres. */
type Range = Recipe["detector"]["pointRange"];

/** Where a published detector looks, and how many voxels it takes there: KITTI's labels, or all round within 51 m. */
export const WHOLE: Readonly<Record<PretrainedView, { readonly pointRange: Range; readonly voxels: number }>> = {
  camera: { pointRange: [0, -40, -3, 70.4, 40, 1], voxels: 40000 },
  full: { pointRange: [-51.2, -51.2, -3, 51.2, 51.2, 1], voxels: 60000 },
};

/** As large as the range that the small recipes train on, about the sensor. */
const WINDOW: Range = [-20.8, -12.8, -3, 20.8, 12.8, 1];
const WINDOW_VOXELS = 24000;

export interface PretrainingOptions {
  readonly epochs: number;
  readonly view: PretrainedView;
  /** standard deviation of a slope along x and along y, metres a metre; default: the recipe's */
  readonly slope?: number | undefined;
}

/**
 * A recipe changed for a detector that shall work where it has never been: objects of other sizes than the streets have, and
 * sensors that stand elsewhere. On real frames its cars are measured better for it, on simulated ones no worse.
 *
 * All round, the whole scan is turned any way and moved by tens of metres under a window, which costs no more than the camera's
 * sector and has seen every place and direction at the end. Sensors differ more there: points are lost, intensities scaled, or left
 * out of half of the scans. Nothing is pasted: the streets have enough all round.
 */
export function pretrainingRecipe(base: Recipe, { epochs, view, slope }: PretrainingOptions): Recipe {
  const training = { ...base.training, epochs };
  const { sampling, ...augmentation } = base.augmentation ?? {};
  const inclined = slope === undefined ? {} : { slope };
  const scene = { mirror: 0, rotation: 0, scaling: [1, 1] as const, ...augmentation.scene, ...inclined };
  const objectScaling = [0.85, 1.15] as const;
  if (view === "camera") {
    const changed: AugmentationConfig = {
      ...base.augmentation,
      objectScaling,
      scene: { ...scene, translation: 0.2 },
    };
    return { ...base, training, augmentation: changed };
  }
  return {
    ...base,
    data: { view },
    training,
    augmentation: {
      ...augmentation,
      objectScaling,
      scene: { ...scene, rotation: Math.PI, translation: [16, 16, 0.3] },
      returns: { lost: 0.3, withoutIntensity: 0.5, intensityScaling: [0.5, 1.5] },
    },
    detector: {
      ...base.detector,
      pointRange: WINDOW,
      maxVoxels: { train: WINDOW_VOXELS, test: WINDOW_VOXELS },
    },
  };
}
