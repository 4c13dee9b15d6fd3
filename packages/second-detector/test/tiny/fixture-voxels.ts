import { namedNumbers } from "../named-numbers.js";

/** Voxels of `scripts/openpcdet-fixture.py`: places that come up again are left out. */
export function fixtureVoxels(count: number) {
  const places = namedNumbers("places", 3 * count);
  const drawn = namedNumbers("features", 4 * count);
  const seen = new Set<string>();
  const [coords, features]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const cell = [41, 32, 32].map((cells, axis) => Math.floor(((places[axis * count + i] + 1) / 2) * cells));
    if (seen.has(String(cell))) continue;
    seen.add(String(cell));
    coords.push(...cell);
    features.push(...drawn.subarray(4 * i, 4 * i + 4));
  }
  const counts = new Int32Array(seen.size).fill(1);
  return { kind: "voxels" as const, coords: Int32Array.from(coords), features: Float32Array.from(features), counts };
}
