import * as tf from "@tensorflow/tfjs-core";
import type { SimdBackend } from "tfjs-backend-simd";
import { describe, expect, test } from "vitest";
import {
  disposeWeights,
  lossGradients,
  type NamedArray,
  trainingLoss,
  weightsFromArrays,
  weightsToArrays,
} from "../../src/index.js";
import { goldenConfig as config, goldenBatch, goldenTargets, goldenWeights } from "./golden-model.js";

type Gradients = ReadonlyMap<string, Float32Array>;

/**
 * Gradients of rounded products beside those of float32, which the goldens check. How far rounding moves a gradient is the network's own
 * doing: where an activation lies near zero its ReLU flips. So the yardstick is the exact gradient of a network whose filters alone were
 * rounded, of the channel in the middle: empty cells are all alike, so that a ReLU can flip in all of a channel's at once (here in one of
 * `neck.1`, which is 96 % of what rounding does to that layer). What no flip does is to make every gradient longer or shorter.
 */
export function roundingCases(): void {
  describe("gradients of rounded products", () => {
    test("are at most 2.5 times as far off as exact ones of rounded filters, and not too long or short", async () => {
      const backend = tf.backend() as SimdBackend;
      const { precision } = backend;
      const rounded = await gradientsOf(await goldenArrays());
      backend.precision = "float32";
      const exact = await gradientsOf(await goldenArrays());
      const ofRoundedFilters = await gradientsOf(
        new Map(
          Array.from(await goldenArrays(), ([name, array]) => [name, isFilter(name) ? toBfloat16(array) : array]),
        ),
      );
      backend.precision = precision;

      const shapes = new Map(Array.from(await goldenArrays(), ([name, { shape }]) => [name, shape]));
      for (const part of ["encoder.", "backbone.", "neck.", "head."]) {
        const names = [...exact.keys()].filter((name) => name.startsWith(part) && isFilter(name));
        expect(names.length, part).toBeGreaterThan(1);
        const [far, usual] = [rounded, ofRoundedFilters].map((each) => middleDistance(each, exact, names, shapes));
        expect(usual, part).toBeGreaterThan(0.01);
        // Measured 1.5 to 1.9: both operands of each product and what comes back are rounded, not the filters alone.
        expect(far / usual, `${part}: ${far} beside ${usual}`).toBeLessThan(2.5);
        // Measured 0.91 in the encoder, 0.95 to 1.01 behind it.
        expect(Math.abs(along(rounded, exact, names) - 1), part).toBeLessThan(0.15);
      }
    });
  });
}

/** Products have them as operands; a bias or a number of batch norm is not rounded. */
const isFilter = (name: string) => name.endsWith(".weight");

async function goldenArrays(): Promise<Map<string, NamedArray>> {
  const weights = goldenWeights();
  const arrays = await weightsToArrays(weights);
  disposeWeights(weights);
  return arrays;
}

async function gradientsOf(arrays: ReadonlyMap<string, NamedArray>): Promise<Gradients> {
  const weights = weightsFromArrays(config, arrays);
  const loss = trainingLoss({ config, targets: goldenTargets() });
  const pass = lossGradients(weights, goldenBatch(), { config, loss });
  const gradients = new Map<string, Float32Array>();
  for (const [name, gradient] of Object.entries(pass.gradients))
    gradients.set(name, Float32Array.from(await gradient.data()));
  tf.dispose(pass);
  disposeWeights(weights);
  return gradients;
}

/** To the nearest of 8 bits, of two as near to the even one. */
function toBfloat16(array: NamedArray): NamedArray {
  const data = Float32Array.from(array.data);
  const bits = new Uint32Array(data.buffer);
  bits.forEach((word, i) => {
    bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  });
  return { ...array, data };
}

/** The median over the output channels of these filters of ‖a − b‖₂ / ‖b‖₂. */
function middleDistance(
  a: Gradients,
  b: Gradients,
  names: readonly string[],
  shapes: ReadonlyMap<string, readonly number[]>,
): number {
  const distances = names.flatMap((name) => {
    const [rows, columns] = shapes.get(name)!.slice(-2);
    // Filters are [.., in, out], those of transposed convolutions [.., out, in].
    const outputs = name.startsWith("neck.") ? rows : columns;
    const channelOf = (i: number) => (name.startsWith("neck.") ? Math.floor(i / columns) % rows : i % columns);
    const [error, size] = [new Float64Array(outputs), new Float64Array(outputs)];
    a.get(name)!.forEach((value, i) => {
      error[channelOf(i)] += (value - b.get(name)![i]) ** 2;
      size[channelOf(i)] += b.get(name)![i] ** 2;
    });
    return Array.from(error, (each, channel) => Math.sqrt(each / size[channel]));
  });
  return distances.sort((p, q) => p - q)[distances.length >> 1];
}

/** How much of b there is in a: ⟨a, b⟩ / ⟨b, b⟩. */
function along(a: Gradients, b: Gradients, names: readonly string[]): number {
  let [shared, size] = [0, 0];
  for (const name of names) {
    a.get(name)!.forEach((value, i) => {
      shared += value * b.get(name)![i];
      size += b.get(name)![i] ** 2;
    });
  }
  return shared / size;
}
