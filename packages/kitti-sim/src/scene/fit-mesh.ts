import { type Mesh, placeMesh } from "../mesh.js";

/**
 * A copy of a mesh, stretched and moved so that it fills a box exactly: centred over the origin, standing on z = 0. A
 * label's box is then tight whatever the mesh.
 * @param size [3] length (x), width (y), height (z), metres
 */
export function fitMesh(mesh: Mesh, size: readonly [number, number, number]): Mesh {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((value) => -value);
  mesh.positions.forEach((value, at) => {
    low[at % 3] = Math.min(low[at % 3], value);
    high[at % 3] = Math.max(high[at % 3], value);
  });
  const [sx, sy, sz] = size.map((length, k) => length / (high[k] - low[k]));
  return placeMesh(mesh, {
    scale: [sx, sy, sz],
    position: [(-sx * (low[0] + high[0])) / 2, (-sy * (low[1] + high[1])) / 2, -sz * low[2]],
  });
}
