import * as tf from "@tensorflow/tfjs-core";
import type { Communicator } from "mpi-collectives";
import { type LossGradients, lossGradients } from "second-detector";
import { randomStream } from "../system/random.js";
import type { TrainingState } from "./checkpoint.js";
import {
  namingFrames,
  optimiserStep,
  type StepMetrics,
  type StepOptions,
  type StepReport,
  stepLoss,
  type TrainingBatch,
} from "./training-step.js";

// A batch is cut into shards, as many as the recipe says. Each is a pass of its own, with batch-norm statistics of its own; losses, gradients
// and statistics are averaged in the order of the shards, each counting the same. Ranks share out the shards, so their number changes no bit.

/** Parts of a batch: consecutive, as even as whole frames go, none empty. */
export function shardsOf<Item>(items: readonly Item[], shards: number): Item[][] {
  const count = Math.min(shards, items.length);
  const bound = (i: number) => Math.floor((i * items.length) / count);
  return Array.from({ length: count }, (_, i) => items.slice(bound(i), bound(i + 1)));
}

/**
 * The shards that a rank makes passes over: every `size`-th. Where a last, small batch has none for it, it makes the first one's, too, to
 * have a result of the same form; that does not count.
 */
export function passesOfRank(count: number, { rank, size }: Pick<Communicator, "rank" | "size">): number[] {
  const own = Array.from({ length: count }, (_, i) => i).filter((i) => i % size === rank);
  return own.length > 0 ? own : [0];
}

/** One step over shards. */
export interface ShardedStep {
  /** of all ranks together */
  readonly count: number;
  /** this rank's, prepared, in their order */
  readonly batches: readonly TrainingBatch[];
  readonly comm: Communicator;
  readonly seed: number;
  /** waits for what other ranks do */
  readonly waiting: <T>(others: Promise<T>) => Promise<T>;
}

/**
 * One optimiser step whose gradients are those of all shards: the same on every rank.
 * @throws Error naming its frames on a rank whose pass fails; Error as `optimiserStep` on all, naming the frames where their loss is not finite
 */
export async function shardedStep(state: TrainingState, step: ShardedStep, options: StepOptions): Promise<StepMetrics> {
  const { count, batches, comm, seed, waiting } = step;
  const own: Float32Array[] = [];
  const suspects: string[] = [];
  let form: Pass | undefined;
  for (const [slot, shard] of passesOfRank(count, comm).entries()) {
    const { ids, batch } = batches[slot];
    const rng = randomStream(seed, `dropout of step ${state.step}, shard ${shard}`);
    const loss = stepLoss(state, batches[slot], options);
    const pass = await namingFrames(state, ids, async () => {
      const made = lossGradients(state.weights, batch, { config: options.recipe.detector, loss, rng });
      own.push(await numbersOf(made));
      return made;
    });
    // Told once all ranks know of it: they end together, and what was learnt is kept.
    if (!Number.isFinite(pass.loss.dataSync()[0])) suspects.push(...ids);
    if (form === undefined) form = pass;
    else tf.dispose(pass);
  }
  if (form === undefined) throw new Error("internal: expected a pass on every rank");
  const mean = await averageInOrder(own, count, comm, waiting);
  const merged = passOf(mean, form);
  tf.dispose(form);
  return namingFrames(state, suspects, () => optimiserStep(state, merged, options));
}

/**
 * Means over shards, summed in their order in float64: every rank gets each of its numbers' own part from all, sums it and shares the sums,
 * so that a rank sends about two vectors, however many ranks there are.
 * @param own vectors of this rank's passes; those beyond `count` shards of all ranks do not count
 */
export async function averageInOrder(
  own: readonly Float32Array[],
  count: number,
  comm: Communicator,
  waiting: <T>(others: Promise<T>) => Promise<T> = (others) => others,
): Promise<Float32Array> {
  const { size } = comm;
  const length = own[0].length;
  const part = Math.ceil(length / size);
  const slots = Math.ceil(count / size);
  const sent = new Float32Array(size * slots * part);
  for (let to = 0; to < size; to += 1) {
    for (const [slot, vector] of own.entries()) {
      sent.set(vector.subarray(to * part, (to + 1) * part), (to * slots + slot) * part);
    }
  }
  const received = await waiting(comm.allToAll(sent));
  const sums = new Float64Array(part);
  for (let shard = 0; shard < count; shard += 1) {
    const base = ((shard % size) * slots + Math.floor(shard / size)) * part;
    for (let i = 0; i < part; i += 1) sums[i] += received[base + i];
  }
  const mean = new Float32Array(part); // not by Float32Array.from: its function is called at a hundredth of the pace
  for (let i = 0; i < part; i += 1) mean[i] = sums[i] / count;
  return (await waiting(comm.allGather(mean))).subarray(0, length);
}

type Pass = LossGradients<StepReport>;

/** Every number of a pass that is averaged, one after the other; of batch statistics the unbiased variance. */
async function numbersOf({ batchStatistics, ...rest }: Pass): Promise<Float32Array> {
  const tensors = tf.tensor_util.getTensorsInContainer(rest);
  const layers = Object.values(batchStatistics);
  const arrays = await Promise.all([
    ...tensors.map((tensor) => tensor.data()),
    ...layers.flatMap(({ mean, variance }) => [mean.data(), variance.data()]),
  ]);
  for (const [i, { rows }] of layers.entries()) {
    if (rows === 0)
      throw new Error("expected sites in every layer and shard, got none; fewer shards hold more frames each");
    const variance = arrays[tensors.length + 2 * i + 1];
    arrays[tensors.length + 2 * i + 1] = variance.map(
      (value) => (value * rows) / Math.max(rows - 1, 1),
    ) as Float32Array;
  }
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** A pass of such numbers, in the form of another. */
function passOf(numbers: Float32Array, form: Pass): Pass {
  let at = 0;
  const next = <T extends tf.Tensor>({ shape, size }: T): T => {
    at += size;
    return tf.tensor(numbers.slice(at - size, at), shape, "float32") as T;
  };
  const { batchStatistics, ...rest } = form;
  const replaced = new Map(tf.tensor_util.getTensorsInContainer(rest).map((tensor) => [tensor, next(tensor)]));
  const rebuild = (node: unknown): unknown => {
    if (node instanceof tf.Tensor) return replaced.get(node);
    if (Array.isArray(node)) return node.map(rebuild);
    if (node === null || typeof node !== "object" || ArrayBuffer.isView(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, rebuild(child)]));
  };
  const statistics = Object.entries(batchStatistics).map(([layer, { mean, variance }]) => {
    // One row: the variance is unbiased already.
    return [layer, { mean: next(mean), variance: next(variance), rows: 1 }] as const;
  });
  return { ...(rebuild(rest) as Omit<Pass, "batchStatistics">), batchStatistics: Object.fromEntries(statistics) };
}
