import type { Recipe } from "eloss/step";
import {
  type DetectorBatch,
  detectorLayers,
  type EncoderLayers,
  type PointBatch,
  type Unit,
  weightShapes,
} from "second-detector";

/** Least work of a step. */
export interface StepWork {
  /** of all matrix products; two operations each */
  readonly multiplyAdds: number;
  readonly bytes: number;
}

/** A convolution of the step: every one is a product of rows. */
interface Product {
  /** multiply-adds of one direction */
  readonly multiplyAdds: number;
  /** floats of the input, the result and the weights */
  readonly input: number;
  readonly result: number;
  readonly weights: number;
  /** bytes of the rulebook, 0 for a dense layer */
  readonly indexBytes: number;
  /** its result is normalised */
  readonly norm: boolean;
  /** can be computed by minimal filtering */
  readonly filtered?: boolean;
  /** nothing before it learns: no gradient of its input */
  readonly first?: boolean;
}

/**
 * Multiply-adds and bytes that a training step cannot do without, from the layers and the rulebooks of a batch.
 *
 * Multiply-adds: forward, filter gradient, and input gradient of every convolution but the first; with the Entropy Loss
 * the products of all pairs of channels of every tap, once per pair.
 *
 * Bytes: an operation reads each operand and writes its result once, whatever its caches hold. A convolution: input, weights
 * and result, in each direction, and its rulebook. Batch norm with ReLU: 3 passes over its result forward (its statistics
 * must be known first) and 5 backward. Map of the sparse encoder: written, its gradient read at the sites. Losses: the head
 * maps read, their gradients written. Entropy Loss: a tap read twice, its gradient read and written. Optimiser: 8 passes
 * over the weights (norm of the gradient; gradient, weight, both moments read; the last three written).
 */
export function stepWork(
  recipe: Recipe,
  batch: DetectorBatch,
  { entropyLoss }: { readonly entropyLoss: boolean },
): StepWork {
  const { products, taps, head, map, sites } = convolutions(recipe, batch);
  let multiplyAdds = 0;
  let bytes = 0;
  for (const { multiplyAdds: once, input, result, weights, indexBytes, norm, first } of products) {
    const directions = first ? 2 : 3;
    multiplyAdds += directions * once;
    bytes += directions * (4 * (input + result + weights) + indexBytes);
    if (norm) bytes += 4 * 8 * result;
  }
  bytes += 4 * (map + 3 * sites);
  bytes += 4 * 2 * head;
  if (entropyLoss) {
    for (const { channels, size } of taps) {
      multiplyAdds += (size * (channels - 1)) / 2;
      bytes += 4 * 4 * size;
    }
  }
  let parameters = 0;
  for (const shape of weightShapes(recipe.detector).trainable.values()) parameters += shape.reduce((a, b) => a * b, 1);
  bytes += 4 * 8 * parameters;
  return { multiplyAdds, bytes };
}

/** Least work of a pass at inference. */
export interface InferenceWork {
  /** of plain sums */
  readonly plainMultiplyAdds: number;
  /** with 3×3 convolutions of stride 1 by minimal filtering */
  readonly multiplyAdds: number;
  readonly bytes: number;
}

/** Multiply-adds of a plain 3×3 convolution for one of F(2×2, 3×3): 36 products for four pixels become 16. */
const FILTERING = 36 / 16;

/**
 * The same of a pass at inference, forward alone and norms folded in: every convolution reads its input and its filter and writes
 * its result once.
 * @param options encoder: with it and the map that it writes; else from that map on
 */
export function inferenceWork(
  recipe: Recipe,
  batch: DetectorBatch,
  { encoder }: { readonly encoder: boolean },
): InferenceWork {
  const { products, map, sites } = convolutions(recipe, batch);
  const counted = products.slice(encoder ? 0 : detectorLayers(recipe.detector).encoder.layers.length);
  let [plainMultiplyAdds, multiplyAdds, bytes] = [0, 0, encoder ? 4 * (map + sites) : 0];
  for (const product of counted) {
    plainMultiplyAdds += product.multiplyAdds;
    multiplyAdds += product.multiplyAdds / (product.filtered ? FILTERING : 1);
    bytes += 4 * (product.input + product.result + product.weights) + product.indexBytes;
  }
  return { plainMultiplyAdds, multiplyAdds, bytes };
}

function convolutions(recipe: Recipe, batch: DetectorBatch) {
  const layers = detectorLayers(recipe.detector);
  const { batchSize } = batch;
  const { outputShape, layers: encoder } = layers.encoder;
  const products = encoderProducts(layers.encoder, batch);
  let [, height, width] = outputShape;
  const { outChannels } = encoder[encoder.length - 1];
  const sites = outChannels * (batch.kind === "voxels" ? batch.rulebooks[encoder.length - 1].outRows : cellsOf(batch));
  const map = outputShape.reduce((a, b) => a * b, batchSize * outChannels);

  /** A dense layer from one map to another; the smaller of the two has a filter's products at each of its pixels. */
  const dense = (unit: Unit, from: number, to: number): Product => ({
    multiplyAdds: batchSize * Math.min(from, to) * filterSize(unit),
    input: batchSize * from * unit.inChannels,
    result: batchSize * to * unit.outChannels,
    weights: filterSize(unit),
    indexBytes: 0,
    norm: unit.norm !== undefined,
    filtered: unit.kernel.every((cells) => cells === 3) && unit.stride.every((cells) => cells === 1),
  });
  const taps: { channels: number; size: number }[] = [];
  const neckSizes: number[] = [];
  layers.backbone.forEach((block, i) => {
    for (const layer of block) {
      const before = height * width;
      const [stride] = layer.stride;
      [height, width] = [Math.ceil(height / stride), Math.ceil(width / stride)];
      products.push(dense(layer, before, height * width));
      const size = batchSize * height * width * layer.outChannels;
      if (covers(recipe, i)) taps.push({ channels: layer.outChannels, size });
    }
    const neck = layers.neck[i];
    neckSizes.push(height * width * neck.stride[0] ** 2);
    products.push(dense(neck, height * width, neckSizes[i]));
  });
  const heads = Object.values(layers.head).map((layer) => dense(layer, neckSizes[0], neckSizes[0]));
  products.push(...heads);
  return { products, taps, head: heads.reduce((sum, { result }) => sum + result, 0), map, sites };
}

/** Sparse: a product per pair of the rulebook. On points: one per point. */
function encoderProducts(encoder: EncoderLayers, batch: DetectorBatch): Product[] {
  if (batch.kind === "points") {
    const rows = batch.starts[cellsOf(batch)];
    return encoder.layers.map((unit, i) => ({
      multiplyAdds: rows * filterSize(unit),
      input: rows * unit.inChannels,
      result: rows * unit.outChannels,
      weights: filterSize(unit),
      indexBytes: 0,
      norm: true,
      first: i === 0,
    }));
  }
  return encoder.layers.map((unit, i) => {
    const { inRows, outRows, map } = batch.rulebooks[i];
    const { inChannels, outChannels } = unit;
    return {
      multiplyAdds: map.inputs.length * inChannels * outChannels,
      input: inRows * inChannels,
      result: outRows * outChannels,
      weights: filterSize(unit),
      indexBytes: 8 * map.inputs.length,
      norm: true,
      first: i === 0,
    };
  });
}

function cellsOf({ starts }: PointBatch): number {
  return starts.length - 1;
}

/** Numbers of a unit's filter. */
function filterSize({ kernel, inChannels, outChannels }: Unit): number {
  return kernel.reduce((size, cells) => size * cells, inChannels * outChannels);
}

function covers({ entropyLoss: { coverage } }: Recipe, block: number): boolean {
  return coverage === "all" || coverage.includes(block);
}
