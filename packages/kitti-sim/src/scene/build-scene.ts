import { joinMeshes } from "../mesh.js";
import type { Scene } from "../scene.js";
import type { Rng } from "./draw.js";
import { drawGround } from "./ground.js";
import { openPlot } from "./plot.js";
import { addRoadsides } from "./roadside.js";
import { drawStreetPlan } from "./street-plan.js";
import { addParkedCars, addRiders, addTraffic, addWalkers } from "./traffic.js";

/**
 * A street around the sensor, which drives on its right-hand side: a residential street, an avenue or an open road, straight
 * or bending, perhaps with a crossing; with houses, gardens, trees and things that look like people to a sensor beside it, parked and moving vehicles, people on foot
 * and on bicycles. Nothing overlaps, nothing is within 3 m of the sensor.
 * @param rng numbers in [0, 1)
 */
export function buildScene(rng: Rng): Scene {
  const plan = drawStreetPlan(rng);
  const plot = openPlot(drawGround(rng, plan));
  addTraffic(plot, plan, rng);
  addParkedCars(plot, plan, rng);
  addRiders(plot, plan, rng);
  addWalkers(plot, plan, rng);
  addRoadsides(plot, plan, rng);
  const { scenery, things } = plot;
  const meshes = [...scenery, ...things.map(({ mesh }) => mesh)];
  const owners = [...scenery.map(() => -1), ...things.map((_, index) => index)];
  return {
    mesh: joinMeshes(meshes),
    objectOf: Int32Array.from(
      meshes.flatMap(({ materials }, i) => new Array<number>(materials.length).fill(owners[i])),
    ),
    objects: things.map(({ object }) => object),
  };
}
