import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { CLUTTER } from "../src/scene/clutter.js";

test.each(CLUTTER.map(([draw]) => [draw.name, draw] as const))("a %s is upright, slim and on the ground", (_, draw) => {
  for (let seed = 0; seed < 50; seed++) {
    const { positions } = draw(seedrandom.alea(`${seed}`));
    const heights = positions.filter((_value, at) => at % 3 === 2);
    const low = positions.filter((_value, at) => at % 3 !== 2 && positions[at - (at % 3) + 2] < 1.7);
    const top = heights.reduce((most, z) => Math.max(most, z), 0);
    expect(top, `seed ${seed}`).toBeGreaterThan(0.45); // the lowest bollard, and a shrub's leaves
    expect(
      heights.reduce((least, z) => Math.min(least, z), 9),
      `seed ${seed}`,
    ).toBeLessThan(0.2);
    const reach = low.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(reach, `seed ${seed}`).toBeLessThan(1.3);
  }
});
