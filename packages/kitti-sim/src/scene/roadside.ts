import type { Mesh } from "../mesh.js";
import { building } from "./building.js";
import { CLUTTER } from "./clutter.js";
import { between, pick, pickWeighted, type Rng } from "./draw.js";
import { box, fence, gardenWall, lampPost, trafficSign } from "./furniture.js";
import { addScenery, type Plot } from "./plot.js";
import type { StreetPlan } from "./street-plan.js";
import { nearCrossing } from "./traffic.js";
import { bush, hedge, tree } from "./vegetation.js";

/** How far the roadside is furnished, metres. */
const FROM = -45;
const TO = 90;

/** One side of the street: +1 is left. */
interface Side {
  readonly sign: 1 | -1;
  /** t without sign where the pavement ends */
  readonly edge: number;
}

/** Houses, garden walls, hedges, trees, posts and signs on both sides. */
export function addRoadsides(plot: Plot, plan: StreetPlan, rng: Rng): void {
  plan.sides.forEach(({ parking, pavement, frontage }, i) => {
    const wide = parking === "across" ? 5.4 : 0;
    const side: Side = { sign: i === 0 ? 1 : -1, edge: plan.half + Math.max(pavement, wide) + 0.1 };
    if (frontage === "houses") addHouses(plot, plan, { rng, side });
    else addGreen(plot, plan, { rng, side });
    addFurniture(plot, plan, { rng, side });
    addClutter(plot, plan, { rng, side });
  });
}

interface Drawing {
  readonly rng: Rng;
  readonly side: Side;
}

/** Houses at the pavement or behind gardens, with gaps between which something grows. */
function addHouses(plot: Plot, plan: StreetPlan, { rng, side: { sign, edge } }: Drawing): void {
  const garden = rng() < 0.45 ? 0.3 : between(rng, 2, 8);
  const turn = sign > 0 ? 0 : Math.PI;
  for (let s = FROM; s < TO; ) {
    const [width, depth] = [between(rng, 8, 18), between(rng, 8, 12)];
    const middle = s + width / 2;
    s += width + (rng() < 0.5 ? 0.2 : between(rng, 2, 9));
    if (nearCrossing(plan, middle, width / 2 + 2)) continue;
    const front = edge + garden * between(rng, 0.8, 1.2);
    const mesh = building(rng, { width, depth });
    // its own front is y = 0, its footprint is centred
    addScenery(
      plot,
      { mesh: moved(mesh, -depth / 2), length: width, width: depth },
      { s: middle, t: sign * (front + depth / 2), turn },
    );
    if (garden < 1.5) continue;
    addBoundary(plot, { s: middle, t: sign * (edge + 0.4), length: width }, rng);
    for (let count = 1 + Math.floor(5 * rng()); count > 0; count--) {
      addPlant(plot, { s: middle + width * (rng() - 0.5), t: sign * (edge + 1 + (garden - 1.6) * rng()) }, rng);
    }
  }
}

function moved(mesh: Mesh, dy: number): Mesh {
  return { ...mesh, positions: mesh.positions.map((value, at) => (at % 3 === 1 ? value + dy : value)) };
}

/** What parts a garden from the pavement, if anything. */
function addBoundary(plot: Plot, { s, t, length }: { s: number; t: number; length: number }, rng: Rng): void {
  const draw = pickWeighted(rng, [
    [hedge, 35],
    [gardenWall, 25],
    [fence, 20],
    [undefined, 20],
  ] as const);
  if (draw !== undefined) addScenery(plot, { mesh: draw(rng, length), length, width: 0.7 }, { s, t });
}

function addPlant(plot: Plot, spot: { s: number; t: number }, rng: Rng): void {
  if (rng() < 0.4) addScenery(plot, { mesh: tree(rng), length: 0.6, width: 0.6 }, { ...spot, turn: 6 * rng() });
  else addScenery(plot, { mesh: bush(rng), length: 2.4, width: 2.4 }, spot);
}

/** Trees and bushes, in places a hedge or a fence. */
function addGreen(plot: Plot, plan: StreetPlan, { rng, side: { sign, edge } }: Drawing): void {
  const density = between(rng, 0.4, 1);
  for (let s = FROM; s < TO; s += 5) {
    if (nearCrossing(plan, s, 4)) continue;
    if (rng() < 0.12) addBoundary(plot, { s, t: sign * (edge + 0.8), length: 5 }, rng);
    for (let count = 0; count < 3; count++) {
      if (rng() > density) continue;
      addPlant(plot, { s: s + 5 * rng(), t: sign * (edge + 1.4 + 18 * rng() ** 1.5) }, rng);
    }
  }
  const wood = edge + between(rng, 20, 35);
  for (let s = FROM; s < TO; s += between(rng, 4, 9)) addPlant(plot, { s, t: sign * (wood + 4 * rng()) }, rng);
}

/** Lamps, signs, bins and trees of the pavement, close to the kerb or at its far edge. */
function addFurniture(plot: Plot, plan: StreetPlan, { rng, side: { sign, edge } }: Drawing): void {
  const turn = sign > 0 ? 0 : Math.PI;
  const offset = between(rng, 0.3, 0.6);
  const streetTrees = rng() < 0.35 ? between(rng, 8, 15) : undefined;
  const kerb = plan.half + offset;
  for (let s = FROM + 20 * rng(); s < TO; s += between(rng, 18, 35)) {
    if (!nearCrossing(plan, s, 1))
      addScenery(plot, { mesh: lampPost(rng), length: 0.3, width: 0.3 }, { s, t: sign * kerb, turn });
  }
  for (let s = FROM + 15 * rng(); s < TO; s += between(rng, 7, 26)) {
    if (nearCrossing(plan, s, 0.5)) continue;
    const [mesh, t] = rng() < 0.2 ? [trafficSign(rng), kerb] : [box(rng), pick(rng, [kerb, edge - 0.4])];
    addScenery(plot, { mesh, length: 0.6, width: 0.6 }, { s, t: sign * t });
  }
  if (streetTrees === undefined) return;
  for (let s = FROM + streetTrees * rng(); s < TO; s += streetTrees) {
    if (nearCrossing(plan, s, 2)) continue;
    addScenery(plot, { mesh: tree(rng), length: 0.5, width: 0.5 }, { s, t: sign * (kerb + 0.2), turn: 6 * rng() });
  }
}

/** Things that could be people from afar: at the kerb, on the pavement, in gardens and on verges, some on islands in the road. */
function addClutter(plot: Plot, plan: StreetPlan, { rng, side: { sign, edge } }: Drawing): void {
  const often = between(rng, 2, 9);
  for (let s = FROM; s < TO; s += often * between(rng, 0.3, 1.7)) {
    const mesh = pickWeighted(rng, CLUTTER)(rng);
    const t = pickWeighted(rng, [
      [plan.half + 0.4, 25],
      [between(rng, plan.half + 0.4, edge), 25],
      [edge + 4 * rng(), 35],
      [edge + 4 + 12 * rng(), 12],
      [plan.half - 0.5, 3],
    ]);
    addScenery(plot, { mesh, length: 0.6, width: 0.6 }, { s, t: sign * t, turn: 0.3 * (rng() - 0.5) });
  }
}
