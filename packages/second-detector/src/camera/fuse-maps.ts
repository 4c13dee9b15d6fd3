import * as tf from "@tensorflow/tfjs-core";
import { runUnit } from "../network/run-unit.js";
import { showStage, type UnitContext } from "../network/unit-context.js";
import { embedChannels } from "./channel-embedding.js";
import type { FusionLayers, GraphLayers } from "./fusion-layers.js";
import { pearsonGraph } from "./pearson-graph.js";

/**
 * Image map and LiDAR map as one. X = [I; P] of both, reduced; then, by kind:
 *
 *     concat             F = mix(X)                                       join([X; F])
 *     graph, no layer    A = graph of X's channels                        join([X; A·X])
 *     graph, n layers    X₀ = X,  Xₗ = A · relu(norm(conv(Xₗ₋₁)))         join([X; Xₙ])  or  join([X; X₁; …; Xₙ])
 *
 * Every convolution is 1×1 with batch norm and ReLU; A is computed once and acts on channels: (A·X)ᵢ = Σⱼ A[i, j] Xⱼ.
 * @param maps [b, y, x, c] each, on the cells of the bird's-eye view
 * @returns [b, y, x, channels of the LiDAR map]
 * @throws Error in training mode with dropout, if the pass was given no `rng`
 */
export function fuseMaps(
  context: UnitContext,
  layers: FusionLayers,
  { image, lidar }: { readonly image: tf.Tensor4D; readonly lidar: tf.Tensor4D },
): tf.Tensor4D {
  const reduced = [runUnit(context, layers.reduceImage, image), runUnit(context, layers.reduceLidar, lidar)];
  const maps = reduced.map((map) => drop(context, map, layers.dropout));
  const x = showStage(context, "camera.maps", tf.concat(maps, 3) as tf.Tensor4D);
  const beside = layers.graph ? exchange(context, layers.graph, x) : [runUnit(context, layers.mix!, x)];
  return runUnit(context, layers.join, tf.concat([x, ...beside], 3) as tf.Tensor4D);
}

/** What the graph makes of X, layer by layer, as far as it is joined. */
function exchange(context: UnitContext, { embedding, layers, join }: GraphLayers, x: tf.Tensor4D): tf.Tensor4D[] {
  const graph = showStage(context, "camera.graph", pearsonGraph(embedChannels(context, embedding, x)));
  if (layers.length === 0) return [showStage(context, "camera.message", alongGraph(graph, x))];
  const outputs: tf.Tensor4D[] = [];
  let map = x;
  layers.forEach((layer, i) => {
    map = showStage(context, `camera.message${i}`, alongGraph(graph, runUnit(context, layer, map)));
    outputs.push(map);
  });
  return join === "all" ? outputs : outputs.slice(-1);
}

/** Every channel becomes the sum of its neighbours' maps, weighted by the graph's edges. */
function alongGraph(graph: tf.Tensor3D, map: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const places = tf.reshape(map, [batch, height * width, channels]);
  return tf.reshape(tf.matMul(places, graph, false, true), map.shape) as tf.Tensor4D;
}

/** In training: each number is zero with probability `rate`, the others grow so that the mean stays. */
function drop(context: UnitContext, map: tf.Tensor4D, rate: number): tf.Tensor4D {
  if (!context.training || rate === 0) return map;
  if (context.rng === undefined) {
    throw new Error("fuseMaps: expected an rng to train with dropout, got none; pass `rng` with the options");
  }
  // A seed of zero would mean none at all.
  const seed = 1 + Math.floor(context.rng() * 2 ** 31);
  return tf.dropout(map, rate, undefined, seed) as tf.Tensor4D;
}
