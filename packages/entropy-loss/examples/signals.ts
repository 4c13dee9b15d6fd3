/**
 * A small classifier of time series, trained with and without the Entropy Loss. Run with `pnpm --filter entropy-loss example:signals`.
 */
import { compareArms } from "./compare-arms.js";
import { type Examples, normal } from "./task.js";

/** Numbers of a signal. */
const LENGTH = 64;

/** Value −1 to 1 of each wave at a phase, in turns, and a time 0..1 of the signal. */
const WAVES: Readonly<Record<string, (phase: number, time: number) => number>> = {
  sine: (phase) => Math.sin(2 * Math.PI * phase),
  square: (phase) => (turn(phase) < 0.5 ? 1 : -1),
  sawtooth: (phase) => 2 * turn(phase) - 1,
  "falling sawtooth": (phase) => 1 - 2 * turn(phase),
  pulses: (phase) => (turn(phase) < 0.15 ? 1 : -0.2),
  "swelling sine": (phase, time) => Math.sin(2 * Math.PI * phase) * (0.2 + 0.8 * time),
};

const turn = (phase: number) => phase - Math.floor(phase);

/** Waves of 3 to 6 periods from a random phase, with random strength, 0.4 to 1. */
function drawSignals(count: number, noise: number, rng: () => number): Examples {
  const inputs = new Float32Array(count * LENGTH);
  const labels = new Int32Array(count);
  const waves = Object.values(WAVES);
  for (let n = 0; n < count; n++) {
    labels[n] = Math.floor(rng() * waves.length);
    const [periods, start, strength] = [3 + 3 * rng(), rng(), 0.4 + 0.6 * rng()];
    for (let i = 0; i < LENGTH; i++) {
      const time = i / LENGTH;
      inputs[n * LENGTH + i] = strength * waves[labels[n]](start + periods * time, time) + noise * normal(rng);
    }
  }
  return { inputs, labels };
}

await compareArms({
  name: "signals",
  classes: Object.keys(WAVES),
  shape: [LENGTH, 1],
  kernel: [5, 1],
  noise: 0.35,
  draw: drawSignals,
});
