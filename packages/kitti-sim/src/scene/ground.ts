import { type MaterialName, materialIndex } from "../materials.js";
import type { Mesh } from "../mesh.js";
import { between, pick, type Rng } from "./draw.js";
import { CROSSING_HALF, type StreetPlan } from "./street-plan.js";

/** Height of the road under the sensor, and how far the world goes: behind, ahead and aside, metres. */
const ROAD = -1.69;
const BEHIND = -60;
const AHEAD = 96;
const ASIDE = 80;
const KERB = 0.05;

/** The surface that everything stands on. */
export interface Ground {
  /** World x, y, z of a place on the street: s along it from the sensor on, t to the left of its middle. */
  at(s: number, t: number): readonly [number, number, number];
  /** The road's direction at s, radians. */
  heading(s: number): number;
  readonly mesh: Mesh;
}

/**
 * Road, kerbs, pavements and verges of a street: crowned by 2 %, rising and falling gently along the way, with banks and
 * bumps beside it. At the sensor the road is level to a degree and 1.69 m below, and rises a little more often than it falls: KITTI's sensor looks up by 0.3°.
 */
export function drawGround(rng: Rng, plan: StreetPlan): Ground {
  const height = drawHeight(rng, plan);
  const zero = ROAD - height(0, plan.ego);
  const at = (s: number, t: number) => [s, t - plan.ego + (plan.bend * s * s) / 2, zero + height(s, t)] as const;
  const verge = plan.sides.map(({ frontage }) => (frontage === "houses" ? pick(rng, ["grass", "pavement"]) : "grass"));
  return { at, heading: (s) => Math.atan(plan.bend * s), mesh: groundMesh(plan, { at, verge }) };
}

/** Height over the road's middle, metres, as a function of s and t. */
function drawHeight(rng: Rng, { half, sides, crossing }: StreetPlan): (s: number, t: number) => number {
  const [grade, roll, swell] = [between(rng, -0.01, 0.019), between(rng, -0.006, 0.006), between(rng, -0.35, 0.35)];
  const [wave, phase] = [between(rng, 45, 110), 2 * Math.PI * rng()];
  const kerb = between(rng, 0.08, 0.14);
  const banks = sides.map(() => between(rng, -0.02, 0.06));
  const bump = between(rng, 0.02, 0.1);
  const along = (s: number) =>
    swell *
    (Math.sin(s / (wave / 6) + phase) -
      Math.sin(phase) -
      (s / (wave / 6)) * Math.cos(phase) * Math.exp((-s * s) / 400));
  return (s, t) => {
    const out = Math.abs(t) - half;
    const side = sides[t > 0 ? 0 : 1];
    const crossed = crossing === undefined ? 1 : ramp(Math.abs(s - crossing) - CROSSING_HALF, KERB);
    const raised = side.pavement > 0 ? kerb * ramp(out, KERB) * crossed : 0;
    const beyond = Math.max(0, out - side.pavement - KERB);
    const bank = banks[t > 0 ? 0 : 1] * Math.min(beyond, 25) * crossed;
    const bumps =
      bump *
      ramp(beyond, 3) *
      crossed *
      (Math.sin(0.9 * s + phase) * Math.cos(0.7 * t) + 0.5 * Math.sin(1.7 * t - 0.6 * s));
    return grade * s + roll * t + along(s) - 0.02 * Math.min(Math.abs(t), half) + raised + bank + bumps;
  };
}

/** 0 up to 0, 1 from `width` on, even between. */
function ramp(value: number, width: number): number {
  return Math.min(1, Math.max(0, value / width));
}

/** A grid over s and t, with lines where the surface changes. */
function groundMesh(plan: StreetPlan, { at, verge }: Pick<Ground, "at"> & { verge: readonly MaterialName[] }): Mesh {
  const lines = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);
  const along = lines([...steps(BEHIND, AHEAD, 3), ...crossingEdges(plan)]);
  const across = lines(
    plan.sides.flatMap(({ pavement }, i) => {
      const sign = i === 0 ? 1 : -1;
      const edge = plan.half + KERB + pavement;
      const outward = [0, plan.half / 2, plan.half, plan.half + KERB, edge, ...steps(edge + 1.5, edge + 12, 1.5)];
      return [...outward, edge + 16, edge + 22, edge + 32, edge + 48, ASIDE].map((t) => sign * t + 0);
    }),
  );
  const positions = along.flatMap((s) => across.flatMap((t) => at(s, t)));
  const triangles: number[] = [];
  const materials: number[] = [];
  for (let i = 0; i + 1 < along.length; i++) {
    for (let j = 0; j + 1 < across.length; j++) {
      const a = i * across.length + j;
      const b = a + across.length;
      triangles.push(a, b, b + 1, a, b + 1, a + 1);
      const index = materialIndex(
        materialAt(plan, verge, [(along[i] + along[i + 1]) / 2, (across[j] + across[j + 1]) / 2]),
      );
      materials.push(index, index);
    }
  }
  return {
    positions: Float32Array.from(positions),
    triangles: Uint32Array.from(triangles),
    materials: Uint8Array.from(materials),
  };
}

function materialAt(
  { half, sides, crossing }: StreetPlan,
  verge: readonly MaterialName[],
  [s, t]: readonly [number, number],
): MaterialName {
  const out = Math.abs(t) - half;
  const side = t > 0 ? 0 : 1;
  if (out < 0 || (crossing !== undefined && Math.abs(s - crossing) < CROSSING_HALF)) return "asphalt";
  if (sides[side].pavement > 0 && out < KERB) return "kerb";
  return out < KERB + sides[side].pavement ? "pavement" : verge[side];
}

function crossingEdges({ crossing }: StreetPlan): number[] {
  if (crossing === undefined) return [];
  return [-1, 1].flatMap((sign) => [CROSSING_HALF, CROSSING_HALF + KERB].map((off) => crossing + sign * off));
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}
