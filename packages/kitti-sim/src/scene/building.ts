import type { MaterialName } from "../materials.js";
import { joinMeshes, type Mesh } from "../mesh.js";
import { between, pick, type Rng } from "./draw.js";
import { block } from "./solids.js";

const FLOOR = 2.9;
/** How deep windows lie in the wall. */
const RECESS = 0.18;

/** A house of some width (x) whose front looks towards -y at y = 0, with windows set back in the wall, and a roof. */
export function building(rng: Rng, { width, depth }: { width: number; depth: number }): Mesh {
  const wall = pick(rng, ["plaster", "plaster", "brick", "concrete"]);
  const floors = 1 + Math.floor(4 * rng());
  const top = 0.6 + FLOOR * floors;
  const half = width / 2;
  const front = facade(wall, { half, floors, bays: Math.max(2, Math.round(width / between(rng, 2.2, 3.4))) });
  const core = block(wall, { bottom: [-half, half, RECESS + 0.3, depth], z: [-2, top] });
  const pitched = rng() < 0.6;
  const roof = block("brick", {
    bottom: [-half - 0.3, half + 0.3, -0.4, depth + 0.4],
    top: pitched ? [-half - 0.3, half + 0.3, depth / 2 - 0.1, depth / 2 + 0.1] : [-half, half, 0, depth],
    z: [top, top + (pitched ? between(rng, 1.5, 3.5) : 0.3)],
  });
  return joinMeshes([...front, core, roof]);
}

/** Piers and bands of wall before panes. */
function facade(wall: MaterialName, { half, floors, bays }: { half: number; floors: number; bays: number }): Mesh[] {
  const meshes: Mesh[] = [
    block("window-pane", { bottom: [-half, half, RECESS, RECESS + 0.02], z: [0, 0.6 + FLOOR * floors] }),
  ];
  const bay = (2 * half) / bays;
  for (let floor = 0; floor <= floors; floor++) {
    const [low, high] = [floor === 0 ? -2 : FLOOR * floor - 0.4, FLOOR * floor + (floor === floors ? 0.6 : 0.9)];
    meshes.push(block(wall, { bottom: [-half, half, 0, RECESS + 0.3], z: [low, high] }));
    if (floor === floors) break;
    for (let i = 0; i <= bays; i++) {
      const x = -half + i * bay;
      const wide = 0.27 * bay;
      const [left, right] = [Math.max(-half, x - wide), Math.min(half, x + wide)];
      meshes.push(block(wall, { bottom: [left, right, 0, RECESS + 0.3], z: [high, FLOOR * (floor + 1) - 0.4] }));
    }
  }
  return meshes;
}
