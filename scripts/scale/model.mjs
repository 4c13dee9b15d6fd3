// What a step of data-parallel training costs over many nodes: a simulation of messages, and what it makes of measured times. Seconds
// and bytes throughout. What is simulated is what apps/train/src/training/sharded-step.ts does with mpi-collectives.

/** Bytes of a number of the network. */
const NUMBER = 4;

/**
 * What a rank sends in a step: the parts of its shards' vectors to the ranks that sum them, then the part that it has summed to all.
 * @returns { allToAll, allGather } bytes, (R − 1)·⌈S/R⌉·⌈P/R⌉·4 and (R − 1)·⌈P/R⌉·4
 */
export function bytesSent({ numbers, shards, ranks }) {
  const part = NUMBER * Math.ceil(numbers / ranks);
  return { allToAll: (ranks - 1) * Math.ceil(shards / ranks) * part, allGather: (ranks - 1) * part };
}

/**
 * One step. Every rank makes its shards' passes, packs their vectors, and exchanges: an all-to-all in R − 1 rounds (in round k with the
 * ranks k places on and back), the sum of its part, an all-gather around a ring in R − 1 rounds, and log₂ R rounds for whether anybody
 * is to stop. A round ends when both have come and the message is through: latency + bytes/bandwidth. Each node has a port of its own, both ways
 * at once, and the switch holds nobody up.
 *
 * @param job.numbers of the network, P
 * @param job.shards, job.ranks S ≥ R
 * @param job.pass () => seconds of one shard's pass
 * @param job.perNumber seconds to copy or add one number of a vector
 * @param job.network { latency, bandwidth } of a message: seconds, bytes a second
 * @returns { seconds, waiting, exchange }: of the whole step; for the slowest rank's passes beyond the mean; after these
 */
export function simulateStep({ numbers, shards, ranks, pass, perNumber, network: { latency, bandwidth } }) {
  const slots = Math.ceil(shards / ranks);
  const part = Math.ceil(numbers / ranks);
  let [times, next] = [new Float64Array(ranks), new Float64Array(ranks)];
  for (let shard = 0; shard < shards; shard++) times[shard % ranks] += pass();
  const [mean, slowest] = [times.reduce((sum, time) => sum + time) / ranks, Math.max(...times)];
  const work = (count) => {
    for (let rank = 0; rank < ranks; rank++) times[rank] += count * perNumber;
  };
  const round = (bytes, from) => {
    const message = latency + bytes / bandwidth;
    for (let rank = 0; rank < ranks; rank++) next[rank] = Math.max(times[rank], times[from(rank)]) + message;
    [times, next] = [next, times];
  };
  work(slots * numbers);
  for (let k = 1; k < ranks; k++) round(NUMBER * slots * part, (rank) => (rank - k + ranks) % ranks);
  work(shards * part);
  for (let k = 1; k < ranks; k++) round(NUMBER * part, (rank) => (rank - 1 + ranks) % ranks);
  work(numbers);
  for (let k = 1; k < ranks; k *= 2) round(NUMBER, (rank) => ((rank ^ k) < ranks ? rank ^ k : rank));
  const seconds = Math.max(...times);
  return { seconds, waiting: slowest - mean, exchange: seconds - slowest };
}

/** Means of {@link simulateStep} over so many steps. */
export function simulateSteps(job, steps = 12) {
  const all = Array.from({ length: steps }, () => simulateStep(job));
  const mean = (name) => all.reduce((sum, step) => sum + step[name], 0) / steps;
  return { seconds: mean("seconds"), waiting: mean("waiting"), exchange: mean("exchange") };
}

/**
 * Draws of a measured quantity.
 * @param quantiles at equal distances, the least and the greatest included
 * @param rng uniform in [0, 1)
 */
export function drawsOf(quantiles, rng) {
  return () => {
    const at = rng() * (quantiles.length - 1);
    const low = Math.floor(at);
    return quantiles[low] + (at - low) * (quantiles[low + 1] - quantiles[low]);
  };
}

/** Uniform numbers in [0, 1), the same in every run (the minimal standard generator). */
export function seeded(seed = 1) {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state - 1) / 2147483646;
  };
}
