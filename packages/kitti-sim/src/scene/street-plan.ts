import { between, pick, pickWeighted, type Rng } from "./draw.js";

/** What lies beside the carriageway, to the left (t > 0) or right. */
export interface Roadside {
  readonly parking: "none" | "parallel" | "across";
  /** share of the places along the kerb that are taken, 0..1 */
  readonly taken: number;
  /** width of the pavement, metres; 0 = none, the verge begins at the carriageway */
  readonly pavement: number;
  readonly frontage: "houses" | "green";
}

/** The kind of street, before anything is put on it. Places: s along the road from the sensor on, t to the left of its middle. */
export interface StreetPlan {
  /** half the carriageway's width, metres */
  readonly half: number;
  /** t of the sensor's car */
  readonly ego: number;
  /** middles of the lanes: t, and whether their traffic drives the sensor's way */
  readonly lanes: readonly { readonly t: number; readonly ahead: boolean }[];
  /** mean distance between moving cars of a lane, metres */
  readonly gap: number;
  /** left, right */
  readonly sides: readonly [Roadside, Roadside];
  /** s of the middle of a street that crosses */
  readonly crossing: number | undefined;
  /** people on foot and on bicycles tried for ahead */
  readonly walkers: number;
  readonly riders: number;
  /** 1 / radius of the road's bend, 1/m, positive to the left */
  readonly bend: number;
}

/** Half the width of a crossing street. */
export const CROSSING_HALF = 3.6;

/** A residential street, a wider road, or an open road; some of the first two with a crossing. */
export function drawStreetPlan(rng: Rng): StreetPlan {
  const draw = pickWeighted(rng, [
    [residential, 50],
    [avenue, 32],
    [openRoad, 18],
  ] as const);
  return draw(rng);
}

function residential(rng: Rng): StreetPlan {
  const half = between(rng, 3.3, 5);
  const side = (): Roadside => ({
    parking: pickWeighted(rng, [
      ["parallel", 65],
      ["across", 15],
      ["none", 20],
    ] as const),
    taken: between(rng, 0.3, 0.85),
    pavement: between(rng, 1.6, 3),
    frontage: rng() < 0.8 ? "houses" : "green",
  });
  const lane = Math.max(0.4, half - 3.4);
  return {
    half,
    ego: -lane,
    lanes: [
      { t: -lane, ahead: true },
      { t: lane + 0.5, ahead: false },
    ],
    gap: between(rng, 25, 60),
    sides: [side(), side()],
    crossing: rng() < 0.35 ? between(rng, 14, 35) : undefined,
    walkers: 3 + Math.floor(6 * rng()),
    riders: 1 + Math.floor(4 * rng()),
    bend: between(rng, -1, 1) / 250,
  };
}

function avenue(rng: Rng): StreetPlan {
  const half = between(rng, 5.5, 7.5);
  const side = (): Roadside => ({
    parking: rng() < 0.4 ? "parallel" : "none",
    taken: between(rng, 0.4, 0.8),
    pavement: between(rng, 2.5, 4.5),
    frontage: rng() < 0.7 ? "houses" : "green",
  });
  return {
    half,
    ego: -1.7,
    lanes: [
      { t: -1.7, ahead: true },
      { t: 1.7, ahead: false },
      ...(half > 6.5
        ? ([
            { t: -4.6, ahead: true },
            { t: 4.6, ahead: false },
          ] as const)
        : []),
    ],
    gap: between(rng, 10, 28),
    sides: [side(), side()],
    crossing: rng() < 0.5 ? between(rng, 14, 35) : undefined,
    walkers: 3 + Math.floor(7 * rng()),
    riders: 1 + Math.floor(4 * rng()),
    bend: between(rng, -1, 1) / 400,
  };
}

function openRoad(rng: Rng): StreetPlan {
  const half = between(rng, 3.4, 4.5);
  const side = (): Roadside => ({
    parking: rng() < 0.3 ? "parallel" : "none",
    taken: between(rng, 0.2, 0.5),
    pavement: pick(rng, [0, 0, 1.8]),
    frontage: "green",
  });
  return {
    half,
    ego: -half / 2,
    lanes: [
      { t: -half / 2, ahead: true },
      { t: half / 2, ahead: false },
    ],
    gap: between(rng, 15, 40),
    sides: [side(), side()],
    crossing: undefined,
    walkers: Math.floor(4 * rng()),
    riders: Math.floor(4 * rng()),
    bend: between(rng, -1, 1) / 300,
  };
}
