import { buildTree } from "./bvh-build.js";
import type { Mesh } from "./mesh.js";

/**
 * A tree of boxes around a mesh's triangles. Nodes stand in depth-first order: the left child of node i is i + 1.
 *
 * ```
 *          0                      inner node: count 0, first = its right child, axis along which it was split
 *        /   \                    leaf:       count > 0, first = its first triangle in `corners` and `triangles`
 *       1     4                   the box of node i: bounds 6i .. 6i + 5 = low x, y, z, high x, y, z
 *      / \   / \
 *     2   3 5   6
 * ```
 */
export interface Bvh {
  /** [nodes, 6] metres; exact, because positions are float32 */
  readonly bounds: Float32Array;
  /** [nodes] */
  readonly first: Uint32Array;
  /** [nodes] triangles of a leaf, 0 for an inner node */
  readonly count: Uint8Array;
  /** [nodes] 0, 1 or 2 */
  readonly axis: Uint8Array;
  /** [t] the mesh's number of each triangle, in leaf order */
  readonly triangles: Uint32Array;
  /** [t, 9] in leaf order: first corner, then the edges from it to the second and third; float64, exact or nearly so */
  readonly corners: Float64Array;
}

/** Where a ray meets the mesh. */
export interface RayHit {
  /** the mesh's number of the triangle */
  readonly triangle: number;
  /** in lengths of the ray's direction: metres if it is a unit vector */
  readonly distance: number;
}

/**
 * Builds the tree by the surface area heuristic over 16 bins along each axis. The same mesh gives the same tree.
 * @throws RangeError if the mesh's lengths disagree, a corner is no vertex, or a position is not finite
 */
export function buildBvh(mesh: Mesh): Bvh {
  checkMesh(mesh);
  const tree = buildTree(mesh);
  return { ...tree, corners: gatherCorners(mesh, tree.triangles) };
}

function checkMesh({ positions, triangles, materials }: Mesh): void {
  const vertices = positions.length / 3;
  if (!Number.isInteger(vertices) || triangles.length !== 3 * materials.length) {
    throw new RangeError(
      `buildBvh: expected [v,3] positions, [t,3] triangles and [t] materials for mesh, got ${positions.length}, ` +
        `${triangles.length} and ${materials.length} numbers`,
    );
  }
  const stray = triangles.findIndex((vertex) => vertex >= vertices);
  if (stray >= 0) {
    throw new RangeError(
      `buildBvh: expected corners below ${vertices} for mesh, got ${triangles[stray]} in triangle ${Math.floor(stray / 3)}`,
    );
  }
  const odd = positions.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    throw new RangeError(
      `buildBvh: expected finite positions for mesh, got ${positions[odd]} in vertex ${Math.floor(odd / 3)}`,
    );
  }
}

function gatherCorners({ positions, triangles }: Mesh, order: Uint32Array): Float64Array {
  const corners = new Float64Array(9 * order.length);
  order.forEach((triangle, slot) => {
    const [a, b, c] = [0, 1, 2].map((corner) => 3 * triangles[3 * triangle + corner]);
    for (let k = 0; k < 3; k++) {
      corners[9 * slot + k] = positions[a + k];
      corners[9 * slot + 3 + k] = positions[b + k] - positions[a + k];
      corners[9 * slot + 6 + k] = positions[c + k] - positions[a + k];
    }
  });
  return corners;
}

/** Node indices yet to visit. `buildTree` keeps the tree flatter than this. */
const STACK = new Int32Array(128);

/** Slabs are widened by this share, far above rounding, so that no ray slips between a box and what touches its faces. */
const WIDER = 1 + 1e-12;

/**
 * The first triangle on a ray, from either side. Möller and Trumbore's test, in float64; where several triangles are
 * equally near, the one with the lowest number.
 * @param ray    [6] origin x, y, z and direction; any length but 0
 * @param beyond only hits farther than this count: the distance of a window pane to look through it. Default 0.
 */
export function nearestHit(bvh: Bvh, ray: Float64Array, beyond = 0): RayHit | undefined {
  const { bounds, first, count, axis, triangles, corners } = bvh;
  const ox = ray[0];
  const oy = ray[1];
  const oz = ray[2];
  const dx = ray[3];
  const dy = ray[4];
  const dz = ray[5];
  const ix = inverse(dx);
  const iy = inverse(dy);
  const iz = inverse(dz);
  let nearest = Number.POSITIVE_INFINITY;
  let triangle = -1;
  let depth = triangles.length === 0 ? 0 : 1;
  STACK[0] = 0;
  while (depth > 0) {
    const node = STACK[--depth];
    // the part of the ray between the box's two planes across each axis
    const b = 6 * node;
    const x0 = (bounds[b] - ox) * ix;
    const x1 = (bounds[b + 3] - ox) * ix;
    const y0 = (bounds[b + 1] - oy) * iy;
    const y1 = (bounds[b + 4] - oy) * iy;
    const z0 = (bounds[b + 2] - oz) * iz;
    const z1 = (bounds[b + 5] - oz) * iz;
    const enter = Math.max(Math.min(x0, x1), Math.min(y0, y1), Math.min(z0, z1));
    const leave = Math.min(Math.max(x0, x1), Math.max(y0, y1), Math.max(z0, z1)) * WIDER;
    if (!(enter <= leave && leave >= beyond && enter <= nearest * WIDER)) continue;
    const size = count[node];
    if (size === 0) {
      const along = axis[node] === 0 ? dx : axis[node] === 1 ? dy : dz;
      STACK[depth++] = along >= 0 ? first[node] : node + 1;
      STACK[depth++] = along >= 0 ? node + 1 : first[node];
      continue;
    }
    for (let slot = first[node], end = slot + size; slot < end; slot++) {
      // Möller-Trumbore: origin + t d = a + u e1 + v e2, solved by Cramer's rule
      const c = 9 * slot;
      const e1x = corners[c + 3];
      const e1y = corners[c + 4];
      const e1z = corners[c + 5];
      const e2x = corners[c + 6];
      const e2y = corners[c + 7];
      const e2z = corners[c + 8];
      const px = dy * e2z - dz * e2y;
      const py = dz * e2x - dx * e2z;
      const pz = dx * e2y - dy * e2x;
      const determinant = e1x * px + e1y * py + e1z * pz;
      if (determinant === 0) continue;
      const sx = ox - corners[c];
      const sy = oy - corners[c + 1];
      const sz = oz - corners[c + 2];
      const u = (sx * px + sy * py + sz * pz) / determinant;
      if (!(u >= 0 && u <= 1)) continue;
      const qx = sy * e1z - sz * e1y;
      const qy = sz * e1x - sx * e1z;
      const qz = sx * e1y - sy * e1x;
      const v = (dx * qx + dy * qy + dz * qz) / determinant;
      if (!(v >= 0 && u + v <= 1)) continue;
      const t = (e2x * qx + e2y * qy + e2z * qz) / determinant;
      if (!(t > beyond && t <= nearest)) continue;
      if (t === nearest && triangles[slot] > triangle) continue;
      nearest = t;
      triangle = triangles[slot];
    }
  }
  return triangle < 0 ? undefined : { triangle, distance: nearest };
}

/** 1 / d, finite for 0, so that a ray inside a slab gets a huge interval and not 0 · ∞. */
function inverse(d: number): number {
  return 1 / (Math.abs(d) < 1e-30 ? 1e-30 : d);
}
