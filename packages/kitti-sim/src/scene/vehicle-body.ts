import type { MaterialName } from "../materials.js";
import { joinMeshes, type Mesh } from "../mesh.js";
import { disc, loft, type Point, tube } from "./loft.js";
import { block } from "./solids.js";

/**
 * A car's or van's outline from the side. Places along it as shares of its length from the middle, -0.5 (tail) to 0.5
 * (nose); heights as shares of its height.
 *
 *            roofBack ______ roofFront
 *                    /      \
 *      glassBack ___/        \___ glassFront      belt
 *           boot |             |  hood
 *                 --O-------O--
 */
export interface VehicleShape {
  readonly belt: number;
  /** heights of the lid behind and of the hood's nose */
  readonly boot: number;
  readonly nose: number;
  readonly glassBack: number;
  readonly roofBack: number;
  readonly roofFront: number;
  readonly glassFront: number;
  /** how much narrower the roof is than the belt, 0..1 */
  readonly taper: number;
  /** windows end here towards the tail (panels behind them) */
  readonly windowsFrom: number;
}

export interface Vehicle {
  readonly shape: VehicleShape;
  readonly paint: MaterialName;
  /** [3] length, width, height, metres */
  readonly size: readonly [number, number, number];
}

const WHEEL = 0.31;
const ARCH = 0.36;
/** Places of the axles, shares of the length. */
const AXLES = [-0.31, 0.31] as const;
const SILL = 0.2;

/** Body, cabin with panes and seats, wheels, lamps and plates; nose towards +x, wheels on z = 0. */
export function vehicleMesh(vehicle: Vehicle): Mesh {
  return joinMeshes([lowerBody(vehicle), ...cabin(vehicle), ...wheels(vehicle), ...fittings(vehicle)]);
}

/** Rings across the car from tail to nose, lifted over the wheels. */
function lowerBody({ shape, paint, size: [l, w, h] }: Vehicle): Mesh {
  const arches = AXLES.flatMap((at) => [-1, -0.9, -0.5, 0.5, 0.9, 1].map((side) => at * l + side * ARCH));
  const ends = [-0.5, -0.485, -0.45, shape.glassBack, 0, shape.glassFront, 0.45, 0.485, 0.5].map((at) => at * l);
  const stations = [...new Set([...ends, ...arches])].sort((a, b) => a - b);
  const rings = stations.map((x): Point[] => {
    const fromEnd = l / 2 - Math.abs(x);
    // bumpers are rounded from above and the side, and end above the sill
    const wide = (w / 2) * (fromEnd < 0.01 * l ? 0.82 : fromEnd < 0.03 * l ? 0.93 : 1);
    const low = fromEnd < 0.01 * l ? 0.34 : Math.max(SILL, overWheel(x, l));
    const high = topOfBody(shape, x / l) * h - (fromEnd < 0.01 * l ? 0.1 : 0);
    const at = (share: number) => low + share * (high - low);
    const half = [
      [0.9 * wide, low],
      [wide, at(0.3)],
      [wide, at(0.65)],
      [0.95 * wide, at(0.93)],
      [0.8 * wide, high],
    ];
    return [...half.map(([y, z]): Point => [x, y, z]), ...half.reverse().map(([y, z]): Point => [x, -y, z])];
  });
  return loft(rings, paint);
}

/** The underside: the arch of a wheel, or 0. */
function overWheel(x: number, l: number): number {
  const off = Math.min(...AXLES.map((at) => Math.abs(x - at * l)));
  return off >= ARCH ? 0 : WHEEL + Math.sqrt(ARCH * ARCH - off * off);
}

function topOfBody({ belt, boot, nose, glassBack, glassFront }: VehicleShape, at: number): number {
  if (at < glassBack) return boot;
  if (at > glassFront) return belt + ((nose - belt) * (at - glassFront)) / (0.5 - glassFront);
  return boot + ((belt - boot) * (at - glassBack)) / (glassFront - glassBack);
}

/** Rings of four corners from the foot of the rear pane to that of the windscreen, and what is inside. */
function cabin({ shape, paint, size: [l, w, h] }: Vehicle): Mesh[] {
  const { glassBack, roofBack, roofFront, glassFront, windowsFrom, belt, taper } = shape;
  const pillar = 0.05 / l;
  const middle = (roofBack + roofFront) / 2 - 0.02;
  const stations = [
    [glassBack, 0.02],
    [roofBack, 0.95],
    [middle - pillar, 1],
    [middle + pillar, 1],
    [roofFront, 0.96],
    [glassFront, 0.02],
  ] as const;
  const top = (rise: number) => h * (belt + (1 - belt) * rise);
  const foot = belt * h - 0.03;
  const rings = stations.map(([at, rise]): Point[] => {
    const [wide, narrow] = [0.46 * w, 0.46 * w * (1 - taper * rise)];
    return [
      [at * l, wide, foot],
      [at * l, narrow, top(rise)],
      [at * l, -narrow, top(rise)],
      [at * l, -wide, foot],
    ];
  });
  const material = (band: number, side: number): MaterialName => {
    if (side === 3) return "cloth-dark";
    if (side === 1) return band === 4 || (band === 0 && windowsFrom < roofBack) ? "glass" : paint;
    const at = (stations[band][0] + stations[band + 1][0]) / 2;
    return band === 0 || band === 2 || at < windowsFrom ? paint : "glass";
  };
  const pillars = [-1, 1].map((side) =>
    tube(
      paint,
      [
        [glassFront * l, side * 0.46 * w, belt * h],
        [roofFront * l, side * 0.46 * w * (1 - taper * 0.96), top(0.95)],
      ],
      { radii: [0.035, 0.03], sides: 4 },
    ),
  );
  return [loft(rings, material), ...pillars, ...seats(shape, [l, w, h])];
}

/** Rays that pass a pane meet seats and a dashboard. */
function seats({ roofFront, glassFront, belt }: VehicleShape, [l, w, h]: Vehicle["size"]): Mesh[] {
  const seat = (at: number, side: number) =>
    block("cloth-dark", {
      bottom: [at * l - 0.08, at * l + 0.08, side * 0.2 * w - 0.22, side * 0.2 * w + 0.22],
      top: [at * l - 0.16, at * l - 0.04, side * 0.2 * w - 0.16, side * 0.2 * w + 0.16],
      z: [belt * h - 0.04, h * (belt + 0.62 * (1 - belt))],
    });
  const dash = (roofFront + 0.6 * (glassFront - roofFront)) * l;
  return [
    ...[-1, 1].map((side) => seat(roofFront - 0.12, side)),
    ...[-1, 1].map((side) => seat(roofFront - 0.32, side)),
    block("cloth-dark", {
      bottom: [dash - 0.12, dash + 0.1, -0.4 * w, 0.4 * w],
      z: [belt * h - 0.05, belt * h + 0.05],
    }),
  ];
}

function wheels({ size: [l, w] }: Vehicle): Mesh[] {
  return AXLES.flatMap((at) =>
    [-1, 1].flatMap((side) => [
      disc("tyre", [at * l, side * (w / 2 - 0.12), WHEEL], { radius: WHEEL, axis: [0, 0.2, 0] }),
      disc("metal", [at * l, side * (w / 2 - 0.115), WHEEL], { radius: 0.2, axis: [0, 0.2, 0], sides: 8 }),
    ]),
  );
}

/** Lamps at the four corners, plates at both ends. */
function fittings({ shape: { boot, nose, belt }, size: [l, w, h] }: Vehicle): Mesh[] {
  const part = (material: MaterialName, [x, y]: readonly number[], [half, low, high]: readonly number[]) =>
    block(material, { bottom: [x - 0.03, x + 0.03, y - half, y + half], z: [low, high] });
  const [front, back] = [0.488 * l, -0.488 * l];
  return [
    ...[-1, 1].flatMap((side) => [
      part("lamp", [front, side * 0.36 * w], [0.13, nose * h - 0.2, nose * h - 0.06]),
      part("lamp", [back, side * 0.38 * w], [0.1, Math.min(boot, belt) * h - 0.24, Math.min(boot, belt) * h - 0.06]),
    ]),
    part("plate", [0.497 * l, 0], [0.26, 0.4, 0.51]),
    part("plate", [-0.497 * l, 0], [0.26, 0.5, 0.61]),
  ];
}
