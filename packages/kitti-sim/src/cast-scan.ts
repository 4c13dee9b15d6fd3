import { type Bvh, nearestHit, type RayHit } from "./bvh.js";
import { MATERIALS } from "./materials.js";
import type { Mesh } from "./mesh.js";
import { type BeamCount, type Field, inField, SENSORS } from "./sensor.js";
import { intensityReading, returnProbability, surfaceStrength } from "./surface-return.js";

/**
 * What the panes of cars and houses do to light that passes: nothing, or what they do on real streets, where they keep heat and so
 * most of a LiDAR's light out, on its way in and again on its way back. Of a car behind clear panes the seats are seen at any
 * distance; behind tinted ones hardly from some 35 m on, so that a car far away shows the sensor little but its lower half.
 */
export type Panes = "clear" | "tinted";

/** What the sensor saw in one turn. */
export interface Scan {
  /** [n, 4] x, y, z in whole millimetres, intensity in steps of 0.01: row by row from the highest beam, as in KITTI's files */
  readonly points: Float32Array;
  /** [n] the triangle that each point lies on */
  readonly triangles: Uint32Array;
}

/** A sensor's range, metres. */
const NEAREST = 1;
const FARTHEST = 80;

/** A rough surface moves the end of a ray by its height over the mesh's by the cosine, as if that were no less than this. */
const LEAST_COSINE = 0.06;

/** Standard deviations: of the range, metres; of the returned light, as a share of it and on its own scale. */
const RANGE_NOISE = 0.015;
const SPECKLE = 0.2;
const READING_NOISE = 0.02;

/**
 * One turn of the sensor, standing still at the origin. Of a surface that lets light through, each ray is returned or
 * passes on as a whole. Each ray draws the same count of random numbers whatever it meets, so that a part of the turn
 * is what it would be in all of it.
 * @param mesh the one that the tree was built on
 * @param rng  numbers in [0, 1)
 * @param options field: `"full"` turn, or the `"camera"` sector of 90° ahead; beams: of the sensor; panes: of cars and houses
 */
export function castScan(
  { mesh, bvh }: { mesh: Mesh; bvh: Bvh },
  rng: () => number,
  { field = "full", beams = 64, panes = "clear" }: { field?: Field; beams?: BeamCount; panes?: Panes } = {},
): Scan {
  const sensor = SENSORS[beams];
  const rays = sensor.beams.length * sensor.firings;
  const points = new Float32Array(4 * rays);
  const triangles = new Uint32Array(rays);
  const start = rng();
  const ray = new Float64Array(6);
  let n = 0;
  for (const beam of sensor.beams) {
    ray[2] = beam.height;
    ray[5] = Math.sin(beam.elevation);
    const level = Math.cos(beam.elevation);
    for (const azimuth of sensor.azimuths(beam, start)) {
      const passing = rng();
      const noticing = rng();
      const radius = rng();
      const angle = 2 * Math.PI * rng();
      if (!inField(azimuth, field)) continue;
      ray[3] = level * Math.cos(azimuth);
      ray[4] = level * Math.sin(azimuth);
      const hit = stoppingHit(mesh, bvh, { ray, passing });
      if (hit === undefined || hit.distance < NEAREST || hit.distance > FARTHEST) continue;
      // two independent normal numbers by Box and Muller
      const spread = Math.sqrt(-2 * Math.log(1 - radius));
      const cosine = incidence(mesh, hit.triangle, ray);
      const material = MATERIALS[mesh.materials[hit.triangle]];
      const clearness = panes === "tinted" ? hit.clearness : 1;
      const strength = clearness * clearness * surfaceStrength(material, cosine);
      if (noticing >= returnProbability(strength, cosine, hit.distance)) continue;
      const rough = material.roughness / Math.max(LEAST_COSINE, cosine);
      const distance = hit.distance + Math.sqrt(RANGE_NOISE * RANGE_NOISE + rough * rough) * spread * Math.cos(angle);
      const noise = spread * Math.sin(angle);
      for (let k = 0; k < 3; k++) points[4 * n + k] = Math.round(1000 * (ray[k] + distance * ray[3 + k])) / 1000;
      const light = strength * (1 + SPECKLE * noise) + READING_NOISE * noise + beam.bias;
      points[4 * n + 3] = intensityReading(light, cosine, distance);
      triangles[n++] = hit.triangle;
    }
  }
  return { points: points.slice(0, 4 * n), triangles: triangles.slice(0, n) };
}

/**
 * The first surface that stops a ray. `passing` in [0, 1): the ray goes on while it is below the share let through so far.
 * Clearness: share of its light that tinted panes on the way leave.
 */
function stoppingHit(
  { materials }: Mesh,
  bvh: Bvh,
  { ray, passing }: { ray: Float64Array; passing: number },
): (RayHit & { readonly clearness: number }) | undefined {
  let through = 1;
  let clearness = 1;
  let hit = nearestHit(bvh, ray);
  while (hit !== undefined) {
    const { transmission, tint } = MATERIALS[materials[hit.triangle]];
    through *= transmission;
    if (passing >= through) return { triangle: hit.triangle, distance: hit.distance, clearness };
    clearness *= 1 - tint;
    hit = nearestHit(bvh, ray, hit.distance);
  }
  return undefined;
}

/** The cosine between a ray of length 1 and a triangle's normal, 0..1. */
function incidence({ positions, triangles }: Mesh, triangle: number, ray: Float64Array): number {
  const a = 3 * triangles[3 * triangle];
  const b = 3 * triangles[3 * triangle + 1];
  const c = 3 * triangles[3 * triangle + 2];
  const ux = positions[b] - positions[a];
  const uy = positions[b + 1] - positions[a + 1];
  const uz = positions[b + 2] - positions[a + 2];
  const vx = positions[c] - positions[a];
  const vy = positions[c + 1] - positions[a + 1];
  const vz = positions[c + 2] - positions[a + 2];
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  return Math.min(1, Math.abs(nx * ray[3] + ny * ray[4] + nz * ray[5]) / Math.sqrt(nx * nx + ny * ny + nz * nz));
}
