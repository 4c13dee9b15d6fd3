import {
  joinMeshes,
  type MaterialName,
  type Mesh,
  materialIndex,
  type ObjectType,
  placeMesh,
  type Scene,
} from "../src/index.js";

/** A closed box of edge 1 around the origin. */
export function cube(material: MaterialName): Mesh {
  const positions = Float32Array.from({ length: 24 }, (_, i) => ((Math.floor(i / 3) >> (i % 3)) & 1) - 0.5);
  const faces = [
    0, 2, 1, 1, 2, 3, 4, 5, 6, 5, 7, 6, 0, 1, 4, 1, 5, 4, 2, 6, 3, 3, 6, 7, 0, 4, 2, 2, 4, 6, 1, 3, 5, 3, 7, 5,
  ];
  return {
    positions,
    triangles: Uint32Array.from(faces),
    materials: new Uint8Array(12).fill(materialIndex(material)),
  };
}

/** Flat ground of a material at a height, 400 m square. */
export function ground(material: MaterialName, z = -1.73): Mesh {
  return {
    positions: Float32Array.of(-200, -200, z, 200, -200, z, 200, 200, z, -200, 200, z),
    triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
    materials: new Uint8Array(2).fill(materialIndex(material)),
  };
}

/** A cuboid that gets a label. */
export interface Thing {
  readonly type: ObjectType;
  /** x, y, z, dx, dy, dz, yaw */
  readonly box: readonly number[];
  readonly material?: MaterialName;
}

/** Cuboid objects in front of some background. */
export function tinyScene(background: readonly Mesh[], things: readonly Thing[]): Scene {
  const solids = things.map(({ box: [x, y, z, dx, dy, dz, yaw], material = "paint-light" }) =>
    placeMesh(cube(material), { position: [x, y, z], scale: [dx, dy, dz], yaw }),
  );
  const objectOf = background
    .map((mesh) => new Array<number>(mesh.materials.length).fill(-1))
    .concat(solids.map((mesh, index) => new Array<number>(mesh.materials.length).fill(index)))
    .flat();
  return {
    mesh: joinMeshes([...background, ...solids]),
    objectOf: Int32Array.from(objectOf),
    objects: things.map(({ type, box }) => ({ type, box: Float64Array.from(box) })),
  };
}
