import { type Calibration, imageBoxFromObject, type KittiObject, objectFromBox } from "kitti-io";
import { type ProjectedMesh, type Raster, rasterize } from "./rasterize.js";
import type { Scene, SceneObject } from "./scene.js";

/** What label writers went by: the picture, and the returns in the scan. */
export interface Observation {
  readonly calibration: Calibration;
  readonly projected: ProjectedMesh;
  /** the whole scene in the left colour image */
  readonly raster: Raster;
  /** [n] the triangle of each point of the scan */
  readonly returns: Uint32Array;
}

/** What gets a label: what the camera sees, by KITTI's rules, or everything round the sensor that has returns. */
export type LabelView = "camera" | "full";

/** Less of an object to be seen than this share of its pixels: nobody would notice it, no label. */
const NOTICED = 0.02;
/** Objects with fewer returns, lower in the image (pixels) or farther away (metres along the optical axis): DontCare. */
const FEWEST_RETURNS = 5;
const LOWEST_IN_IMAGE = 10;
const FARTHEST = 75;
/** The least visible share of occlusion levels 0 (fully visible), 1 (partly occluded), 2 (largely occluded). */
const VISIBLE_SHARES = [0.8, 0.45, 0.1] as const;

/**
 * Labels of a scene's objects by KITTI's rules: those of which something is to be seen in the left colour image, in the
 * scene's order, then DontCare boxes for what is too far or hardly visible.
 *
 * - 2D box: the projection of the 3D box, clipped to the image. Truncation: the share of its area that this cuts off.
 * - occlusion: from the share of the object's pixels that nothing hides; 3 (unknown) below a tenth.
 * @param view `"full"`: labels of all objects with enough returns, wherever they are, and no DontCare; those that the camera does
 *   not see have no 2D box (0 0 0 0), truncation 1 and occlusion 3
 */
export function labelObjects(scene: Scene, observation: Observation, view: LabelView = "camera"): KittiObject[] {
  const own = trianglesOfObjects(scene);
  const returns = new Uint32Array(scene.objects.length);
  for (const triangle of observation.returns) if (scene.objectOf[triangle] >= 0) returns[scene.objectOf[triangle]] += 1;
  const labels = scene.objects.map((object, index) => {
    const label = labelOf(scene, observation, { index, own: own[index], returns: returns[index] });
    if (view === "camera" || (label !== undefined && label.type !== "DontCare")) return label;
    return returns[index] < FEWEST_RETURNS ? undefined : unseen(object, observation.calibration);
  });
  const [kept, dontCare] = [[] as KittiObject[], [] as KittiObject[]];
  for (const label of labels) if (label !== undefined) (label.type === "DontCare" ? dontCare : kept).push(label);
  return [...kept, ...dontCare];
}

/** The numbers of each object's triangles. */
function trianglesOfObjects({ objects, objectOf }: Scene): number[][] {
  const own: number[][] = objects.map(() => []);
  objectOf.forEach((object, triangle) => {
    if (object >= 0) own[object].push(triangle);
  });
  return own;
}

function labelOf(
  scene: Scene,
  { calibration, projected, raster }: Observation,
  { index, own, returns }: { index: number; own: readonly number[]; returns: number },
): KittiObject | undefined {
  const { type, box } = scene.objects[index];
  const object = objectFromBox(box, calibration, { type, imageSize: raster });
  const whole = imageBoxFromObject(object, calibration);
  if (whole === undefined || imageBoxFromObject(object, calibration, raster) === undefined) return undefined;
  const alone = rasterize(projected, raster, own);
  const total = countPixels(alone, object.bbox, () => true);
  const seen = countPixels(raster, object.bbox, (triangle) => scene.objectOf[triangle] === index);
  if (seen === 0 || seen < NOTICED * total) return undefined;
  const height = object.bbox[3] - object.bbox[1];
  if (returns < FEWEST_RETURNS || height < LOWEST_IN_IMAGE || object.location[2] > FARTHEST) return dontCare(object);
  return {
    ...object,
    truncated: Math.max(0, 1 - boxArea(object.bbox) / boxArea(whole)),
    occluded: occlusionLevel(seen / total),
  };
}

/** The label of what only the LiDAR sees. */
function unseen({ type, box }: SceneObject, calibration: Calibration): KittiObject {
  return { ...objectFromBox(box, calibration, { type }), bbox: [0, 0, 0, 0], truncated: 1, occluded: 3 };
}

/** KITTI's level for the share of an object that is visible. */
export function occlusionLevel(visible: number): 0 | 1 | 2 | 3 {
  const level = VISIBLE_SHARES.findIndex((least) => visible >= least);
  return (level < 0 ? 3 : level) as 0 | 1 | 2 | 3;
}

function countPixels(
  { width, triangle }: Raster,
  [left, top, right, bottom]: KittiObject["bbox"],
  counts: (triangle: number) => boolean,
): number {
  let count = 0;
  for (let v = Math.floor(top); v <= Math.ceil(bottom); v++) {
    for (let u = Math.floor(left); u <= Math.ceil(right); u++) {
      const seen = triangle[v * width + u];
      if (seen >= 0 && counts(seen)) count += 1;
    }
  }
  return count;
}

function boxArea([left, top, right, bottom]: readonly number[]): number {
  return (right - left) * (bottom - top);
}

function dontCare({ bbox }: KittiObject): KittiObject {
  return {
    type: "DontCare",
    truncated: -1,
    occluded: -1,
    alpha: -10,
    bbox,
    dimensions: [-1, -1, -1],
    location: [-1000, -1000, -1000],
    rotationY: -10,
  };
}
