import { type Neighbour, neighbourOf } from "entropy-loss";
import { klEntropy, nearestNeighbours } from "knn-entropy";

/** A layer's output for one scan. */
export interface LayerOutput {
  /** [height, width, channels] after the ReLU */
  readonly values: Float32Array;
  /** cells along y */
  readonly height: number;
  /** cells along x */
  readonly width: number;
  readonly channels: number;
}

/** One channel among the others of its layer. */
export interface ChannelFigures {
  /** Ĥᵢ of the estimator, nats per dimension: H is the mean over the channels */
  readonly entropy: number;
  /** the channel that is nearest to it */
  readonly neighbour: number;
  /** Euclidean distance to that, over all cells */
  readonly distance: number;
  /** share of the cells in which it is above zero */
  readonly active: number;
}

/** Maps from above, [maps, height, width], row after row from the smallest y. */
export interface LayerMaps {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** What a layer made of one scan. */
export interface LayerFigures {
  /** H by Kozachenko and Leonenko, nats per dimension: what the Entropy Loss measures */
  readonly entropy: number;
  readonly channels: readonly ChannelFigures[];
  /** mean over the channels */
  readonly activity: LayerMaps;
  /** every channel, coarser where it has many cells */
  readonly maps: LayerMaps;
}

/** Shortest radius, as `entropy-loss` has it: channels that are the same are this far apart. */
const FLOOR = 1e-6;
/** Cells of a channel's map at most: it is for the eye. */
const MOST_CELLS = 2048;

/** @param k which neighbour the entropy is measured by, as in the recipe */
export function layerFigures({ values, height, width, channels }: LayerOutput, k: Neighbour): LayerFigures {
  const cells = height * width;
  const byChannel = transposed(values, cells, channels); // [channels, cells]
  const size = { rows: channels, dims: cells };
  const { entropyPerDimension, local } = klEntropy(byChannel, {
    ...size,
    k: neighbourOf("layerFigures", k, channels),
    floor: FLOOR,
  });
  const nearest = nearestNeighbours(byChannel, { ...size, k: 1 });
  const activity = new Float32Array(cells);
  const active = new Int32Array(channels);
  for (let channel = 0, at = 0; channel < channels; channel++) {
    for (let cell = 0; cell < cells; cell++, at++) {
      if (byChannel[at] > 0) active[channel] += 1;
      activity[cell] += byChannel[at] / channels;
    }
  }
  return {
    entropy: entropyPerDimension,
    channels: Array.from({ length: channels }, (_, channel) => ({
      entropy: local[channel] / cells,
      neighbour: nearest.neighbours[channel],
      distance: nearest.distances[channel],
      active: active[channel] / cells,
    })),
    activity: { width, height, values: activity },
    maps: coarser({ width, height, values: byChannel }, channels),
  };
}

/** [cells, channels] → [channels, cells] */
function transposed(values: Float32Array, cells: number, channels: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let cell = 0, from = 0; cell < cells; cell++) {
    for (let channel = 0; channel < channels; channel++) out[channel * cells + cell] = values[from++];
  }
  return out;
}

/** Means over squares of cells, as small as leave no more cells than are shown. */
function coarser({ width, height, values }: LayerMaps, count: number): LayerMaps {
  let side = 1;
  while (Math.ceil(width / side) * Math.ceil(height / side) > MOST_CELLS) side += 1;
  if (side === 1) return { width, height, values };
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)];
  const means = new Float32Array(count * rows * columns);
  for (let map = 0; map < count; map++) {
    for (let y = 0; y < height; y++) {
      const inRow = Math.min(side, height - side * Math.floor(y / side));
      for (let x = 0; x < width; x++) {
        const inColumn = Math.min(side, width - side * Math.floor(x / side));
        const to = (map * rows + Math.floor(y / side)) * columns + Math.floor(x / side);
        means[to] += values[(map * height + y) * width + x] / (inRow * inColumn);
      }
    }
  }
  return { width: columns, height: rows, values: means };
}
