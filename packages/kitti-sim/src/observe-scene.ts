import type { Calibration, KittiObject } from "kitti-io";
import { buildBvh } from "./bvh.js";
import { IMAGE_SIZE, simulatedCalibration } from "./camera.js";
import { castScan, type Panes } from "./cast-scan.js";
import { type LabelView, labelObjects } from "./label-objects.js";
import { projectMesh, rasterize } from "./rasterize.js";
import type { Scene } from "./scene.js";
import type { BeamCount, Field } from "./sensor.js";
import { type RgbImage, shadeRaster } from "./shade-raster.js";

/** A frame as KITTI has it. */
export interface SimulatedFrame {
  /** [n, 4] x, y, z in metres, LiDAR frame, intensity 0..1; in the order of KITTI's files */
  readonly points: Float32Array;
  /** the left colour camera's picture, 1242 × 375 */
  readonly image: RgbImage;
  readonly calibration: Calibration;
  /** labels by KITTI's rules, DontCare last; or of everything round the sensor */
  readonly objects: KittiObject[];
}

/** How a scene is looked at. */
export interface ObserveOptions {
  /** `"full"` turn of the LiDAR, as in KITTI's files, or the `"camera"` sector of 90° ahead. Default `"full"`. */
  readonly field?: Field;
  /** of the LiDAR: 64 as KITTI's has them, 32 or 128. Default 64. */
  readonly beams?: BeamCount;
  /** what gets a label: what the `"camera"` sees, as in KITTI's files, or everything round the sensor, `"full"`. Default `"camera"`. */
  readonly labels?: LabelView;
  /** of cars and houses; `"tinted"` is as real ones are. Default `"clear"`, with which streets are what they were before there were others. */
  readonly panes?: Panes;
}

/**
 * Looks at a scene with the LiDAR and the camera, and labels what they see.
 * @param rng numbers in [0, 1) for noise, lost returns and the sun's place
 * @throws RangeError if the scene's arrays disagree or an object's box is none
 */
export function observeScene(
  scene: Scene,
  rng: () => number,
  { field = "full", beams = 64, labels = "camera", panes = "clear" }: ObserveOptions = {},
): SimulatedFrame {
  const { mesh, objectOf } = scene;
  if (objectOf.length !== mesh.materials.length) {
    throw new RangeError(
      `observeScene: expected the object of ${mesh.materials.length} triangles for scene, got ${objectOf.length}`,
    );
  }
  const sun = drawSun(rng);
  const calibration = simulatedCalibration();
  const projected = projectMesh(mesh, calibration);
  const raster = rasterize(projected, IMAGE_SIZE);
  const scan = castScan({ mesh, bvh: buildBvh(mesh) }, rng, { field, beams, panes });
  return {
    points: scan.points,
    image: shadeRaster(raster, mesh, sun),
    calibration,
    objects: labelObjects(scene, { calibration, projected, raster, returns: scan.triangles }, labels),
  };
}

/** A direction towards the sun, 25° to 65° above the horizon. */
function drawSun(rng: () => number): [number, number, number] {
  const azimuth = 2 * Math.PI * rng();
  const elevation = ((25 + 40 * rng()) * Math.PI) / 180;
  return [Math.cos(elevation) * Math.cos(azimuth), Math.cos(elevation) * Math.sin(azimuth), Math.sin(elevation)];
}
