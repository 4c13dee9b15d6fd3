import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { randomFloats, seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { registerSimdBackend } from "../src/index.js";

registerSimdBackend();

/** A step to time, and the numbers that it must give on both backends. */
export type Step = () => tf.Tensor | tf.Tensor[];

/** The same float32 tensor at every call, which every backend can read. */
export function seeded(shape: number[]): tf.Tensor {
  return tf.tensor(randomFloats(seededRandom(1), tf.util.sizeFromShape(shape)), shape);
}

/**
 * Times a step on `simd` and on `cpu`, after checking that both give the same numbers.
 * @param make builds the inputs on the selected backend and returns the step
 */
export function compare(name: string, make: () => Step): void {
  describe(name, () => {
    const results = new Map<string, Float32Array>();
    for (const backend of ["simd", "cpu"]) {
      let step: Step;
      bench(
        backend,
        () => {
          tf.tidy(() => step());
        },
        {
          time: 200,
          iterations: 3,
          warmupTime: 0,
          warmupIterations: 1,
          setup: async () => {
            await tf.setBackend(backend);
            step = make();
            results.set(
              backend,
              tf.tidy(() => [step()].flat()[0].dataSync().slice() as Float32Array),
            );
            check(name, results);
          },
        },
      );
    }
  });
}

function check(name: string, results: ReadonlyMap<string, Float32Array>): void {
  const [first, second] = [...results.values()];
  if (!second) return;
  const largest = first.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const apart = first.reduce((most, value, i) => Math.max(most, Math.abs(value - second[i])), 0);
  if (!(apart < 1e-4 * largest)) throw new Error(`${name}: expected equal results, got a difference of ${apart}`);
}
