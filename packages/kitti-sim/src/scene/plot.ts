import { type Mesh, placeMesh } from "../mesh.js";
import type { ObjectType, SceneObject } from "../scene.js";
import type { Model } from "./car.js";
import { type Footprint, footprintsOverlap } from "./footprint.js";
import type { Ground } from "./ground.js";

/** A scene being filled: what has been put where. */
export interface Plot {
  readonly ground: Ground;
  readonly taken: Footprint[];
  readonly scenery: Mesh[];
  readonly things: { readonly mesh: Mesh; readonly object: SceneObject }[];
}

/** Where to put something: along the street, to the left of its middle, turned against its direction. */
export interface Spot {
  readonly s: number;
  readonly t: number;
  /** radians; default 0 */
  readonly turn?: number;
}

/**
 * What labels of vehicles leave around them, metres: air at both ends and over the roof, and a floor this much over the road. So
 * do people draw them: medians over real cars of the way from a face to the outermost points, less the same without such air.
 */
const LABEL_AIR = { ends: 0.04, above: 0.035, floor: 0.02 } as const;
const NO_AIR = { ends: 0, above: 0, floor: 0 } as const;
const VEHICLES: readonly ObjectType[] = ["Car", "Van", "Truck"];

/** An empty plot but for the sensor's car, 3 m around which stays free. */
export function openPlot(ground: Ground): Plot {
  return {
    ground,
    taken: [{ x: 0, y: 0, yaw: 0, length: 6, width: 6 }],
    scenery: [ground.mesh],
    things: [],
  };
}

/** Puts an object, shrunk so that its label has the model's size, on the ground unless something is nearer than `margin` metres; says whether it did. */
export function addObject(
  plot: Plot,
  { type, model, margin = 0.15 }: { type: ObjectType; model: Model; margin?: number },
  spot: Spot,
): boolean {
  const { mesh, size } = model;
  const pose = poseOf(plot, spot);
  if (!claim(plot, { ...pose, length: size[0], width: size[1] }, margin)) return false;
  const { x, y, z, yaw } = pose;
  const { ends, above, floor } = VEHICLES.includes(type) ? LABEL_AIR : NO_AIR;
  const scale = [1 - (2 * ends) / size[0], 1, 1 - (above - floor) / size[2]] as const;
  plot.things.push({
    mesh: placeMesh(mesh, { position: [x, y, z], yaw, scale }),
    object: { type, box: Float64Array.of(x, y, z + floor + size[2] / 2, ...size, yaw) },
  });
  return true;
}

/** Puts something without a label on the ground unless what it stands on is taken; says whether it did. */
export function addScenery(
  plot: Plot,
  { mesh, length, width }: { mesh: Mesh; length: number; width: number },
  spot: Spot,
): boolean {
  const { x, y, z, yaw } = poseOf(plot, spot);
  if (!claim(plot, { x, y, yaw, length, width }, 0.1)) return false;
  plot.scenery.push(placeMesh(mesh, { position: [x, y, z], yaw }));
  return true;
}

function poseOf({ ground }: Plot, { s, t, turn = 0 }: Spot): { x: number; y: number; z: number; yaw: number } {
  const [x, y, z] = ground.at(s, t);
  const yaw = ground.heading(s) + turn;
  return { x, y, z, yaw: Math.atan2(Math.sin(yaw), Math.cos(yaw)) };
}

function claim({ taken }: Plot, footprint: Footprint, margin: number): boolean {
  if (taken.some((other) => footprintsOverlap(footprint, other, margin))) return false;
  taken.push(footprint);
  return true;
}
