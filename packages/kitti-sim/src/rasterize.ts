import { type Calibration, type ImageSize, lidarToCamera } from "kitti-io";
import type { Mesh } from "./mesh.js";

/** What a camera sees through each pixel's centre. */
export interface Raster extends ImageSize {
  /** [height, width] the nearest triangle, -1 = none */
  readonly triangle: Int32Array;
  /** [height, width] 1 / distance along the optical axis, 1 / metres; 0 = none */
  readonly inverseDepth: Float32Array;
}

/** A mesh as the left colour camera has it. */
export interface ProjectedMesh {
  readonly mesh: Mesh;
  /** [v, 3] u w, v w, w: pixels once divided by w, metres along the optical axis */
  readonly homogeneous: Float64Array;
}

/** Parts of a triangle nearer than this, in metres along the optical axis, are cut off. */
const NEAR = 0.1;

/** Every vertex through P2 · R0_rect · Tr_velo_to_cam. */
export function projectMesh(mesh: Mesh, calibration: Calibration): ProjectedMesh {
  const toCamera = lidarToCamera(calibration);
  const { p2 } = calibration;
  const toImage = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = column === 3 ? p2[4 * row + 3] : 0;
      for (let k = 0; k < 3; k++) sum += p2[4 * row + k] * toCamera[4 * k + column];
      toImage[4 * row + column] = sum;
    }
  }
  const { positions } = mesh;
  const homogeneous = new Float64Array(positions.length);
  for (let at = 0; at < positions.length; at += 3) {
    for (let row = 0; row < 3; row++) {
      const m = 4 * row;
      homogeneous[at + row] =
        toImage[m] * positions[at] +
        toImage[m + 1] * positions[at + 1] +
        toImage[m + 2] * positions[at + 2] +
        toImage[m + 3];
    }
  }
  return { mesh, homogeneous };
}

/**
 * What is seen through each pixel: the nearest triangle, of equally near ones the first in `which`. Both sides are seen.
 * A pixel's centre is at whole coordinates, as in KITTI's projections.
 * @param which numbers of the triangles to draw; all of them by default
 */
export function rasterize(
  { mesh, homogeneous }: ProjectedMesh,
  { width, height }: ImageSize,
  which: ArrayLike<number> = Uint32Array.from(mesh.materials.keys()),
): Raster {
  const raster = {
    width,
    height,
    triangle: new Int32Array(width * height).fill(-1),
    inverseDepth: new Float32Array(width * height),
  };
  const corners = new Float64Array(12);
  for (let i = 0; i < which.length; i++) {
    const triangle = which[i];
    const count = cutAtNearPlane(corners, homogeneous, mesh.triangles.subarray(3 * triangle, 3 * triangle + 3));
    for (let corner = 2; corner < count; corner++) fill(raster, { corners, corner, triangle });
  }
  return raster;
}

/** The part of a triangle beyond the near plane, a polygon of up to four corners; returns how many. */
function cutAtNearPlane(out: Float64Array, homogeneous: Float64Array, corners: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < 3; i++) {
    const a = 3 * corners[i];
    const b = 3 * corners[(i + 1) % 3];
    const [wa, wb] = [homogeneous[a + 2], homogeneous[b + 2]];
    if (wa >= NEAR) {
      for (let k = 0; k < 3; k++) out[3 * count + k] = homogeneous[a + k];
      count += 1;
    }
    if (wa >= NEAR !== wb >= NEAR) {
      const t = (NEAR - wa) / (wb - wa);
      for (let k = 0; k < 3; k++)
        out[3 * count + k] = homogeneous[a + k] + t * (homogeneous[b + k] - homogeneous[a + k]);
      count += 1;
    }
  }
  return count;
}

/** Fills the triangle of corners 0, corner - 1 and corner. Edge functions and 1 / w are linear in the image. */
function fill(
  { width, height, triangle: numbers, inverseDepth }: Raster,
  { corners, corner, triangle }: { corners: Float64Array; corner: number; triangle: number },
): void {
  const b = 3 * corner - 3;
  const c = 3 * corner;
  const ia = 1 / corners[2];
  const ib = 1 / corners[b + 2];
  const ic = 1 / corners[c + 2];
  const ax = corners[0] * ia;
  const ay = corners[1] * ia;
  const bx = corners[b] * ib;
  const by = corners[b + 1] * ib;
  const cx = corners[c] * ic;
  const cy = corners[c + 1] * ic;
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (area === 0) return;
  const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx)));
  const right = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx)));
  const top = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
  const bottom = Math.min(height - 1, Math.floor(Math.max(ay, by, cy)));
  // shares of corners b and c at a pixel, and their change from a pixel to the next
  const bdx = (cy - ay) / area;
  const bdy = (ax - cx) / area;
  const cdx = (ay - by) / area;
  const cdy = (bx - ax) / area;
  for (let v = top; v <= bottom; v++) {
    for (let u = left; u <= right; u++) {
      const shareB = (u - ax) * bdx + (v - ay) * bdy;
      const shareC = (u - ax) * cdx + (v - ay) * cdy;
      if (shareB < 0 || shareC < 0 || shareB + shareC > 1) continue;
      const inverse = ia + shareB * (ib - ia) + shareC * (ic - ia);
      const pixel = v * width + u;
      if (inverse <= inverseDepth[pixel]) continue;
      inverseDepth[pixel] = inverse;
      numbers[pixel] = triangle;
    }
  }
}
