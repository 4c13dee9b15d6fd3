/** Triangles in space. */
export interface Mesh {
  /** [v, 3] x forward, y left, z up, metres */
  readonly positions: Float32Array;
  /** [t, 3] corners, indices into the positions; counter-clockwise seen from outside, though both sides are solid */
  readonly triangles: Uint32Array;
  /** [t] index into the table of materials */
  readonly materials: Uint8Array;
}

/** Where a mesh is put. */
export interface Placement {
  /** [x, y, z] of the mesh's own origin, metres. Default 0, 0, 0. */
  readonly position?: readonly [number, number, number];
  /** Turn about z, radians, counter-clockwise from above. Default 0. */
  readonly yaw?: number;
  /** Factor on each of the mesh's own axes, applied first. Default 1, 1, 1. */
  readonly scale?: readonly [number, number, number];
}

/** One mesh of all the triangles, in the order of the meshes. */
export function joinMeshes(meshes: readonly Mesh[]): Mesh {
  const sum = (length: (mesh: Mesh) => number) => meshes.reduce((total, mesh) => total + length(mesh), 0);
  const positions = new Float32Array(sum((mesh) => mesh.positions.length));
  const triangles = new Uint32Array(sum((mesh) => mesh.triangles.length));
  const materials = new Uint8Array(sum((mesh) => mesh.materials.length));
  let [vertex, corner, triangle] = [0, 0, 0];
  for (const mesh of meshes) {
    positions.set(mesh.positions, 3 * vertex);
    for (const index of mesh.triangles) triangles[corner++] = index + vertex;
    materials.set(mesh.materials, triangle);
    vertex += mesh.positions.length / 3;
    triangle += mesh.materials.length;
  }
  return { positions, triangles, materials };
}

/** A copy of a mesh: scaled along its own axes, turned about z, moved. */
export function placeMesh(
  mesh: Mesh,
  { position: [x, y, z] = [0, 0, 0], yaw = 0, scale: [sx, sy, sz] = [1, 1, 1] }: Placement,
): Mesh {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const positions = new Float32Array(mesh.positions.length);
  for (let at = 0; at < positions.length; at += 3) {
    const px = sx * mesh.positions[at];
    const py = sy * mesh.positions[at + 1];
    positions[at] = x + cos * px - sin * py;
    positions[at + 1] = y + sin * px + cos * py;
    positions[at + 2] = z + sz * mesh.positions[at + 2];
  }
  return { positions, triangles: mesh.triangles.slice(), materials: mesh.materials.slice() };
}
