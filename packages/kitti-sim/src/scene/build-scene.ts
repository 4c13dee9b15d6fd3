import type { MaterialName } from "../materials.js";
import { joinMeshes, type Mesh, placeMesh } from "../mesh.js";
import type { ObjectType, Scene, SceneObject } from "../scene.js";
import { block } from "./solids.js";

/** Height of the road, and how far the street goes both ways, metres. */
const ROAD = -1.73;
const REACH = 110;

type Rng = () => number;

interface Thing {
  readonly mesh: Mesh;
  readonly object: SceneObject;
}

/**
 * A straight street: a road with kerbs and pavements, houses and trees on both sides, parked and driving cars, people and
 * cyclists on the pavements.
 * @param rng numbers in [0, 1)
 */
export function buildScene(rng: Rng): Scene {
  const half = 3.2 + 2 * rng();
  const background = [...streetMeshes(half), ...[-1, 1].flatMap((side) => roadside(rng, { side, edge: half + 2.4 }))];
  const things = [...cars(rng, half), ...people(rng, half)];
  const meshes = [...background, ...things.map(({ mesh }) => mesh)];
  const owners = [...background.map(() => -1), ...things.map((_, index) => index)];
  return {
    mesh: joinMeshes(meshes),
    objectOf: Int32Array.from(
      meshes.flatMap(({ materials }, i) => new Array<number>(materials.length).fill(owners[i])),
    ),
    objects: things.map(({ object }) => object),
  };
}

/** The road's crown is 6 cm above its edges, which the kerbs overlook by 12 cm. */
function streetMeshes(half: number): Mesh[] {
  return [-1, 1].flatMap((side) => {
    const strip = (material: MaterialName, [y0, y1, z0, z1]: readonly number[]) =>
      slope(material, { y: [side * y0, side * y1], z: [z0, z1] });
    return [
      strip("asphalt", [0, half, ROAD, ROAD - 0.06]),
      strip("kerb", [half, half + 0.05, ROAD - 0.06, ROAD + 0.06]),
      strip("pavement", [half + 0.05, half + 2.4, ROAD + 0.06, ROAD + 0.08]),
      strip("grass", [half + 2.4, half + 60, ROAD + 0.08, ROAD + 0.3]),
    ];
  });
}

/** A strip along the street between two lines. */
function slope(material: MaterialName, { y, z }: { y: readonly number[]; z: readonly number[] }): Mesh {
  const { materials } = block(material, { bottom: [0, 1, 0, 1], z: [0, 1] });
  return {
    positions: Float32Array.of(-REACH, y[0], z[0], REACH, y[0], z[0], REACH, y[1], z[1], -REACH, y[1], z[1]),
    triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
    materials: materials.slice(0, 2),
  };
}

/** Houses with gaps, a tree before some of them. */
function roadside(rng: Rng, { side, edge }: { side: number; edge: number }): Mesh[] {
  const meshes: Mesh[] = [];
  for (let x = -REACH; x < REACH; x += 3 + 9 * rng()) {
    const length = 8 + 14 * rng();
    const setBack = edge + 6 * rng() ** 2;
    const [near, far] = [side * setBack, side * (setBack + 9)];
    const material = pick(rng, ["plaster", "brick", "concrete"]);
    const bottom = [x, x + length, Math.min(near, far), Math.max(near, far)] as const;
    meshes.push(block(material, { bottom, z: [ROAD - 1, ROAD + 3 + 7 * rng()] }));
    if (rng() < 0.5) meshes.push(...tree(rng, x + length * rng(), side * (edge - 0.5)));
    x += length;
  }
  return meshes;
}

function tree(rng: Rng, x: number, y: number): Mesh[] {
  const [radius, crown, height] = [0.12 + 0.12 * rng(), 1 + rng(), 4 + 3 * rng()];
  const around = (r: number) => [x - r, x + r, y - r, y + r] as const;
  return [
    block("bark", { bottom: around(radius), z: [ROAD, ROAD + height] }),
    block("foliage", { bottom: around(crown), top: around(crown / 2), z: [ROAD + 2.2, ROAD + height] }),
  ];
}

function cars(rng: Rng, half: number): Thing[] {
  const things: Thing[] = [];
  for (const side of [-1, 1]) {
    for (let x = -50 + 8 * rng(); x < 75; x += 5.5 + 12 * rng()) {
      if (Math.abs(x) > 7) things.push(car(rng, { x, y: side * (half - 1), yaw: side > 0 ? Math.PI : 0 }));
    }
  }
  for (let x = 12 + 15 * rng(); x < 75; x += 12 + 25 * rng()) {
    const side = rng() < 0.5 ? -1 : 1;
    things.push(car(rng, { x, y: side * Math.max(0, half - 3.4), yaw: side > 0 ? Math.PI : 0 }));
  }
  return things;
}

interface Pose {
  readonly x: number;
  readonly y: number;
  readonly yaw: number;
}

/** A body and a cabin of panes under a roof, on four wheels. */
function car(rng: Rng, { x, y, yaw }: Pose): Thing {
  const [l, w, h] = [3.9 + 0.45 * normal(rng), 1.63 + 0.1 * normal(rng), 1.53 + 0.1 * normal(rng)];
  const paint = pick(rng, ["paint-dark", "paint-light", "paint-red", "paint-blue"]);
  const [a, b] = [l / 2, w / 2];
  const rail = 0.56 * h;
  const cabin = {
    bottom: [-0.85 * a, 0.45 * a, -0.95 * b, 0.95 * b],
    top: [-0.65 * a, 0.15 * a, -0.75 * b, 0.75 * b],
  } as const;
  const wheels = [-0.62, 0.62].map((along) =>
    block("tyre", { bottom: [along * a - 0.3, along * a + 0.3, -0.97 * b, 0.97 * b], z: [0, 0.6] }),
  );
  const mesh = joinMeshes([
    block(paint, { bottom: [-a + 0.01, a, -b, b], z: [0.2, rail] }),
    block("glass", { ...cabin, z: [rail, h - 0.06] }),
    block(paint, { bottom: cabin.top, z: [h - 0.06, h] }),
    block("plate", { bottom: [-a, -a + 0.02, -0.26, 0.26], z: [0.45, 0.56] }),
    ...wheels,
  ]);
  return thing("Car", mesh, { size: [l, w, h], pose: { x, y, yaw: yaw + 0.03 * normal(rng) } });
}

function people(rng: Rng, half: number): Thing[] {
  return Array.from({ length: Math.floor(6 * rng()) }, () => {
    const pose = {
      x: 5 + 40 * rng(),
      y: (rng() < 0.5 ? -1 : 1) * (half + 0.5 + 1.2 * rng()),
      yaw: 2 * Math.PI * rng(),
    };
    return rng() < 0.7 ? pedestrian(rng, pose) : cyclist(rng, { ...pose, yaw: rng() < 0.5 ? 0 : Math.PI });
  });
}

function pedestrian(rng: Rng, pose: Pose): Thing {
  const [l, w, h] = [0.75 + 0.15 * normal(rng), 0.62 + 0.08 * normal(rng), 1.75 + 0.08 * normal(rng)];
  return thing("Pedestrian", person(rng, { l, w, z: [0, h] }), { size: [l, w, h], pose });
}

function cyclist(rng: Rng, pose: Pose): Thing {
  const [l, w, h] = [1.75 + 0.1 * normal(rng), 0.6 + 0.05 * normal(rng), 1.74 + 0.08 * normal(rng)];
  const mesh = joinMeshes([
    block("metal", { bottom: [-0.12, 0.12, -0.02, 0.02], top: [-0.3, 0.45, -0.02, 0.02], z: [0.3, 0.95] }),
    ...[-1, 1].map((end) => {
      const [inner, outer] = [end * (l / 2 - 0.62), (end * l) / 2];
      return block("tyre", { bottom: [Math.min(inner, outer), Math.max(inner, outer), -0.02, 0.02], z: [0, 0.62] });
    }),
    person(rng, { l: 0.7, w, z: [0.4, h] }),
  ]);
  return thing("Cyclist", mesh, { size: [l, w, h], pose });
}

/** Two legs in mid-stride, a trunk and a head. */
function person(rng: Rng, { l, w, z: [foot, top] }: { l: number; w: number; z: readonly [number, number] }): Mesh {
  const at = (share: number) => foot + share * (top - foot);
  const [a, b] = [l / 2, w / 2];
  const trunk = pick(rng, ["cloth-dark", "cloth-light"]);
  return joinMeshes([
    block("cloth-dark", { bottom: [-a, -a + 0.2, -0.16, 0], top: [-0.12, 0.12, -0.16, 0], z: [foot, at(0.48)] }),
    block("cloth-dark", { bottom: [a - 0.2, a, 0, 0.16], top: [-0.12, 0.12, 0, 0.16], z: [foot, at(0.48)] }),
    block(trunk, { bottom: [-0.13, 0.13, -0.8 * b, 0.8 * b], top: [-0.13, 0.13, -b, b], z: [at(0.48), at(0.84)] }),
    block("skin", { bottom: [-0.1, 0.1, -0.08, 0.08], z: [at(0.84), top] }),
  ]);
}

/** Puts a mesh that stands on z = 0 around the origin on the street. */
function thing(
  type: ObjectType,
  mesh: Mesh,
  { size, pose }: { size: readonly [number, number, number]; pose: Pose },
): Thing {
  const { x, y, yaw } = pose;
  return {
    mesh: placeMesh(mesh, { position: [x, y, ROAD], yaw }),
    object: { type, box: Float64Array.of(x, y, ROAD + size[2] / 2, ...size, yaw) },
  };
}

function pick<const Value>(rng: Rng, values: readonly Value[]): Value {
  return values[Math.floor(rng() * values.length)];
}

/** A normal number, at most some 2.4 either way: the sum of twelve. */
function normal(rng: Rng): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += rng();
  return Math.max(-2.4, Math.min(2.4, sum));
}
