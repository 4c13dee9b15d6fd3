import * as tf from "@tensorflow/tfjs-core";
import type { Neighbour } from "entropy-loss";
import { pointsInBox } from "lidar-augment";
import {
  attributeByRemoval,
  type DetectorConfig,
  detectionSimilarity,
  disposeWeights,
  forwardDetector,
  type Predictions,
  prepareFrame,
  scoreGradients,
  type Weights,
  weightsFromArrays,
} from "second-detector";
import { collateInputs, type NetworkInput, networkInput } from "../frames/network-input.js";
import type { VisibleFrame } from "../frames/visible-frame.js";
import type { TrainedModel } from "../inference/find-weights.js";
import { makeDetector } from "../inference/open-detector.js";
import { predictFrame } from "../inference/predict-frame.js";
import { randomStream } from "../system/random.js";
import { type LayerFigures, layerFigures } from "./layer-figures.js";
import { gradientLengths, shareInBox, sureAttribution } from "./point-shares.js";

/** Metres around a box that are still near it. */
export const NEAR = 0.5;

/** What is to be explained, and how thoroughly. */
export interface ExplainRequest extends Pick<TrainedModel, "model" | "config" | "path"> {
  /** which neighbour entropies are measured by; default C/10 */
  readonly k?: Neighbour | undefined;
  readonly frame: Pick<VisibleFrame, "id" | "points" | "view" | "image">;
  /** chooses the detections to explain, by their places among those found, best first; throws if there is none */
  readonly choose: (found: Predictions) => readonly number[];
  readonly draws: number;
  readonly seed: number;
  /** told before the work begins how many steps there are: an object's gradients, a draw */
  readonly onStart?: (steps: number) => void;
  /** told after each step; of a draw false ends the drawing */
  readonly onStep?: (what: string) => boolean | Promise<boolean>;
}

/** What points are worth to a box, and where those lie. */
export interface PointWorths {
  /** [n] 0: nothing that could be told from chance */
  readonly values: Float32Array;
  /** share of what speaks for the box that lies in it, and within half a metre of it; null where nothing does */
  readonly inBox: number | null;
  readonly nearBox: number | null;
}

/** One detection and what it hangs on. */
export interface ExplainedDetection {
  /** place among the detections found, best first, from 1 */
  readonly number: number;
  readonly type: string;
  readonly score: number;
  /** [7] */
  readonly box: Float32Array;
  /** points inside of it */
  readonly points: number;
  /** mean similarity of what was found of it in the thinned scans, 0..1 */
  readonly foundAgain: number;
  /** by random removal of points: the part beyond 3.5 standard errors */
  readonly removal: PointWorths;
  /** by the gradient of its logit: what that changes by as a point moves by 10 cm, or its intensity by 0.1 */
  readonly gradients: PointWorths;
}

/** What a detector made of one frame. */
export interface FrameExplanation {
  readonly detections: readonly ExplainedDetection[];
  readonly layers: readonly (LayerFigures & { readonly block: number; readonly tap: number })[];
  readonly draws: number;
}

/**
 * Explains detections in one frame: figures of the layers, gradients of the scores by the points, random removal of points, in which one look at a
 * thinned scan serves all detections.
 * @throws what `choose` throws
 */
export async function explainFrame({
  model,
  config,
  path,
  k = "C/10",
  frame,
  choose,
  draws,
  seed,
  onStart = () => {},
  onStep = () => true,
}: ExplainRequest): Promise<FrameExplanation> {
  const detector = makeDetector(model, config, path);
  const weights = weightsFromArrays(config, model);
  try {
    const input = networkInput(frame, config);
    const found = await predictFrame(detector, input);
    const chosen = choose(found);
    onStart(chosen.length + draws);
    const layers = await layersOf(weights, input, { config, k });
    const gradients = await gradientsOf(weights, frame.points, { config, input, found, chosen, onStep });
    const wanted = takeRows(found, chosen);
    const removal = await attributeByRemoval(
      frame.points,
      async (kept) =>
        detectionSimilarity(wanted, await predictFrame(detector, { ...input, voxels: prepareFrame(kept, config) })),
      { draws, rng: randomStream(seed, "removal of points"), onDraw: (draw) => onStep(`draw ${draw}`) },
    );
    const n = frame.points.length / 4;
    const detections = chosen.map((row, i) => {
      const box = found.boxes.slice(7 * row, 7 * row + 7);
      return {
        number: row + 1,
        type: config.classes[found.labels[row]].name,
        score: found.scores[row],
        box,
        points: pointsInBox(frame.points, box).length / 4,
        foundAgain: removal.mean[i],
        removal: worthsOf(frame.points, sureAttribution(removal, i, n), box),
        gradients: worthsOf(frame.points, gradientLengths(gradients[i]), box),
      };
    });
    return { detections, layers, draws: removal.draws };
  } finally {
    disposeWeights(weights);
    detector.network.dispose();
  }
}

async function layersOf(
  weights: Weights,
  input: NetworkInput,
  { config, k }: { readonly config: DetectorConfig; readonly k: Neighbour },
): Promise<FrameExplanation["layers"]> {
  const result = forwardDetector(weights, collateInputs([input], config), { config });
  const layers: (LayerFigures & { readonly block: number; readonly tap: number })[] = [];
  for (const [block, taps] of result.taps.entries()) {
    for (const [tap, output] of taps.entries()) {
      const [, height, width, channels] = output.shape;
      const values = (await output.data()) as Float32Array;
      layers.push({ block, tap, ...layerFigures({ values, height, width, channels }, k) });
    }
  }
  tf.dispose(result);
  return layers;
}

interface GradientsRequest extends Required<Pick<ExplainRequest, "config" | "onStep">> {
  readonly input: NetworkInput;
  readonly found: Predictions;
  readonly chosen: readonly number[];
}

/** [n, 4] for each detection that was chosen. */
async function gradientsOf(
  weights: Weights,
  points: Float32Array,
  { config, input, found, chosen, onStep }: GradientsRequest,
): Promise<Float32Array[]> {
  const { camera } = collateInputs([input], config);
  const gradientOf = scoreGradients(weights, points, { config, camera });
  const gradients: Float32Array[] = [];
  for (const row of chosen) {
    gradients.push(await gradientOf({ anchor: found.anchors[row], label: found.labels[row] }));
    await onStep(`gradients of object ${row + 1}`);
  }
  return gradients;
}

function worthsOf(points: Float32Array, values: Float32Array, box: Float32Array): PointWorths {
  return {
    values,
    inBox: shareInBox(points, values, { box }),
    nearBox: shareInBox(points, values, { box, margin: NEAR }),
  };
}

function takeRows({ boxes, scores, labels }: Predictions, rows: readonly number[]) {
  return {
    boxes: Float32Array.from(rows.flatMap((row) => [...boxes.subarray(7 * row, 7 * row + 7)])),
    scores: Float32Array.from(rows, (row) => scores[row]),
    labels: Int32Array.from(rows, (row) => labels[row]),
  };
}
