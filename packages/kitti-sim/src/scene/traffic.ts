import type { ObjectType } from "../scene.js";
import { car, type Model, van } from "./car.js";
import { cyclist } from "./cyclist.js";
import { between, normal, pickWeighted, type Rng } from "./draw.js";
import { pedestrian } from "./person.js";
import { addObject, type Plot } from "./plot.js";
import { CROSSING_HALF, type StreetPlan } from "./street-plan.js";
import { truck } from "./truck.js";

/** How far ahead and behind the street is populated, metres. */
const FAR = 75;
const BACK = -30;

type Drawn = { readonly type: ObjectType; readonly model: Model };

const VEHICLES = {
  parked: [
    ["Car", 92],
    ["Van", 8],
  ],
  driving: [
    ["Car", 83],
    ["Van", 9],
    ["Truck", 8],
  ],
} as const;

function drawVehicle(rng: Rng, kind: keyof typeof VEHICLES): Drawn {
  const type = pickWeighted<"Car" | "Van" | "Truck">(rng, VEHICLES[kind]);
  return { type, model: { Car: car, Van: van, Truck: truck }[type](rng) };
}

/** Cars in their lanes, and across the road where a street crosses. */
export function addTraffic(plot: Plot, plan: StreetPlan, rng: Rng): void {
  for (const { t, ahead } of plan.lanes) {
    const turn = ahead ? 0 : Math.PI;
    for (let s = BACK + plan.gap * rng(); s < FAR; s += plan.gap * between(rng, 0.6, 1.6)) {
      const spot = { s, t: t + 0.25 * normal(rng), turn: turn + 0.02 * normal(rng) };
      addObject(plot, { ...drawVehicle(rng, "driving"), margin: 0.5 }, spot);
    }
  }
  if (plan.crossing === undefined) return;
  for (const side of [-1, 1]) {
    for (let t = -45 + 20 * rng(); t < 45; t += between(rng, 8, 22)) {
      // on the road itself half of them wait before it
      if (Math.abs(t) < plan.half + 3 && rng() < 0.5) continue;
      const spot = {
        s: plan.crossing + (side * CROSSING_HALF) / 2,
        t,
        turn: (side * Math.PI) / 2 + 0.05 * normal(rng),
      };
      addObject(plot, { ...drawVehicle(rng, "driving"), margin: 0.5 }, spot);
    }
  }
}

/** Cars at the kerbs, along the road or across it. */
export function addParkedCars(plot: Plot, plan: StreetPlan, rng: Rng): void {
  plan.sides.forEach(({ parking, taken }, i) => {
    const side = i === 0 ? 1 : -1;
    if (parking === "none") return;
    const pitch = parking === "parallel" ? 5.6 : 2.6;
    for (let s = BACK + pitch * rng(); s < FAR; s += pitch * between(rng, 0.95, 1.15)) {
      if (rng() > taken || nearCrossing(plan, s, 3)) continue;
      const drawn = drawVehicle(rng, "parked");
      const [length, width] = drawn.model.size;
      const against = rng() < (parking === "parallel" ? 0.12 : 0.5) ? Math.PI : 0;
      const turn =
        parking === "parallel" ? (side > 0 ? Math.PI : 0) + 0.025 * normal(rng) : Math.PI / 2 + 0.04 * normal(rng);
      // wheels 15 cm from the kerb; across: nose or tail at the carriageway's edge, on the paved strip beside it
      const t = parking === "parallel" ? plan.half - 0.15 - width / 2 : plan.half + 0.3 + length / 2;
      addObject(plot, drawn, { s, t: side * (t - 0.1 * rng()), turn: turn + against });
    }
  });
}

/** People on the pavements, on verges where there are none, and some on the road. */
export function addWalkers(plot: Plot, plan: StreetPlan, rng: Rng): void {
  for (let left = plan.walkers; left > 0; left--) {
    const side = rng() < 0.5 ? 0 : 1;
    const sign = side === 0 ? 1 : -1;
    const onRoad = rng() < 0.18;
    const room = Math.max(1.2, plan.sides[side].pavement);
    const t = onRoad ? plan.half * between(rng, -1, 1) : sign * (plan.half + 0.4 + (room - 0.6) * rng());
    const s = between(rng, 4, 45);
    const turn = onRoad ? Math.PI * (rng() - 0.5) * 2 : (rng() < 0.5 ? 0 : Math.PI) + 0.35 * normal(rng);
    const placed = addObject(plot, { type: "Pedestrian", model: pedestrian(rng) }, { s, t, turn });
    // some walk side by side
    if (placed && rng() < 0.35) {
      addObject(plot, { type: "Pedestrian", model: pedestrian(rng) }, { s: s + 0.2 * normal(rng), t: t + 0.85, turn });
    }
  }
}

/** Cyclists at the road's edge beside what is parked, a few on the pavement. */
export function addRiders(plot: Plot, plan: StreetPlan, rng: Rng): void {
  for (let left = plan.riders; left > 0; left--) {
    const side = rng() < 0.6 ? 1 : 0;
    const sign = side === 0 ? 1 : -1;
    const { parking, pavement } = plan.sides[side];
    const inside = (parking === "parallel" ? 2.5 : 0.6) + 0.6 * rng();
    const t = pavement > 0 && rng() < 0.3 ? plan.half + pavement / 2 : Math.max(0.2, plan.half - inside);
    const turn = (side === 1 ? 0 : Math.PI) + 0.1 * normal(rng);
    addObject(plot, { type: "Cyclist", model: cyclist(rng) }, { s: between(rng, 5, 45), t: sign * t, turn });
  }
}

/** Whether a place along the road lies in the mouth of the crossing street, or nearer than `margin` to it. */
export function nearCrossing({ crossing }: StreetPlan, s: number, margin: number): boolean {
  return crossing !== undefined && Math.abs(s - crossing) < CROSSING_HALF + margin;
}
