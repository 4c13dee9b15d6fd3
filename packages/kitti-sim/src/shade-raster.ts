import type { ImageSize } from "kitti-io";
import { MATERIALS } from "./materials.js";
import type { Mesh } from "./mesh.js";
import type { Raster } from "./rasterize.js";

/** Colours of an image. */
export interface RgbImage extends ImageSize {
  /** [height, width, 3] red, green, blue, 0..255 */
  readonly data: Uint8Array;
}

/** Shares of the light that come from everywhere and from the sun. */
const AMBIENT = 0.5;
const SUN = 0.6;
/** Distance over which the air takes 1 - 1/e of a colour away, metres. */
const HAZE = 250;
const ZENITH = [112, 152, 206] as const;
const HORIZON = [206, 216, 226] as const;

/**
 * A plain picture of a scene: every triangle in its material's colour, by the angle at which the sun meets it, paler with
 * distance; a sky that is brighter towards the horizon. No shadows, no reflections, glass is dark.
 * @param raster what is seen through each pixel
 * @param sun    [3] direction towards the sun, LiDAR frame, length 1
 */
export function shadeRaster(raster: Raster, mesh: Mesh, sun: readonly [number, number, number]): RgbImage {
  const { width, height, triangle, inverseDepth } = raster;
  const colours = triangleColours(mesh, sun);
  const data = new Uint8Array(3 * width * height);
  for (let v = 0, pixel = 0; v < height; v++) {
    const up = Math.max(0, 1 - v / (0.5 * height));
    for (let u = 0; u < width; u++, pixel++) {
      const seen = triangle[pixel];
      const clear = seen < 0 ? 0 : Math.exp(-1 / (HAZE * inverseDepth[pixel]));
      for (let k = 0; k < 3; k++) {
        const sky = HORIZON[k] + up * (ZENITH[k] - HORIZON[k]);
        data[3 * pixel + k] = seen < 0 ? sky : HORIZON[k] + clear * (colours[3 * seen + k] - HORIZON[k]);
      }
    }
  }
  return { width, height, data };
}

/** [t, 3] the lit colour of each triangle, on the side that the sensor sees. */
function triangleColours(
  { positions, triangles, materials }: Mesh,
  sun: readonly [number, number, number],
): Float32Array {
  const colours = new Float32Array(3 * materials.length);
  for (let t = 0; t < materials.length; t++) {
    const [a, b, c] = [3 * triangles[3 * t], 3 * triangles[3 * t + 1], 3 * triangles[3 * t + 2]];
    const [ux, uy, uz] = [
      positions[b] - positions[a],
      positions[b + 1] - positions[a + 1],
      positions[b + 2] - positions[a + 2],
    ];
    const [vx, vy, vz] = [
      positions[c] - positions[a],
      positions[c + 1] - positions[a + 1],
      positions[c + 2] - positions[a + 2],
    ];
    const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    const length = Math.hypot(nx, ny, nz) || 1;
    const towards = nx * positions[a] + ny * positions[a + 1] + nz * positions[a + 2] <= 0 ? 1 : -1;
    const lit = (towards * (nx * sun[0] + ny * sun[1] + nz * sun[2])) / length;
    const light = AMBIENT + SUN * Math.max(0, lit);
    const { colour } = MATERIALS[materials[t]];
    for (let k = 0; k < 3; k++) colours[3 * t + k] = Math.min(255, light * colour[k]);
  }
  return colours;
}
