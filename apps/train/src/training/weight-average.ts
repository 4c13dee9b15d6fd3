import * as tf from "@tensorflow/tfjs-core";
import { assignWeights, disposeWeights, type NamedArray, type Weights, weightsToArrays } from "second-detector";

/** How fast a {@link WeightAverage} forgets. */
export interface WeightAverageOptions {
  /** share of the average that stays after a step, 0 up to below 1 */
  readonly decay: number;
}

/**
 * A running average of a detector's weights, and of its running statistics, step after step:
 *
 *     a₀ = w₀        a_t = a_{t−1} + (1 − d_t)(w_t − a_{t−1})        d_t = min(decay, (1 + t)/(10 + t))
 *
 * It steadies what is evaluated and changes nothing that is trained. At first it forgets faster, as TensorFlow's
 * `ExponentialMovingAverage` with `num_updates` does: of the random beginning nothing is left after a few dozen steps, whatever the
 * decay. float32, on the backend; a tensor beside each trainable or running one. Frozen tensors are their own average.
 */
export class WeightAverage {
  readonly #decay: number;
  readonly #average: Weights;

  /** @param weights those before the first step, w₀ */
  constructor({ trainable, running }: Weights, { decay }: WeightAverageOptions) {
    if (!(decay >= 0 && decay < 1)) {
      throw new RangeError(`WeightAverage: expected 0 or more and below 1 for decay, got ${decay}`);
    }
    this.#decay = decay;
    this.#average = { trainable: copies(trainable), frozen: new Map(), running: copies(running) };
  }

  /**
   * Takes in the weights after a step.
   * @param step steps taken, t; 1 after the first
   */
  update(weights: Weights, step: number): void {
    const share = 1 - Math.min(this.#decay, (1 + step) / (10 + step));
    tf.tidy(() => {
      for (const role of ["trainable", "running"] as const) {
        for (const [name, average] of this.#average[role]) {
          const weight = weights[role].get(name)!;
          average.assign(tf.add(average, tf.mul(tf.sub(weight, average), share)));
        }
      }
    });
  }

  /** The averages, by the names of the weights. */
  toArrays(): Promise<Map<string, NamedArray>> {
    return weightsToArrays(this.#average);
  }

  /** Goes on from what {@link toArrays} gave. @throws RangeError naming a tensor that is missing, too many, misshapen or not finite */
  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    assignWeights(this.#average, arrays);
  }

  /** Frees the averages. */
  dispose(): void {
    disposeWeights(this.#average);
  }
}

function copies(variables: ReadonlyMap<string, tf.Variable>): Map<string, tf.Variable> {
  return new Map([...variables].map(([name, of]) => [name, tf.tidy(() => tf.variable(tf.clone(of), false))]));
}
