import type { DataSource } from "../frames/data-source.js";
import { networkInput } from "../frames/network-input.js";
import { readVisibleFrame } from "../frames/visible-frame.js";
import { type Detector, predictFrame } from "../inference/predict-frame.js";
import { recipeText } from "../recipe/parse-recipe.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import type { RunFolder } from "../runs/run-folder.js";
import { readSteps } from "../runs/run-records.js";
import { stepsPerPass } from "../runs/run-request.js";
import { birdsEyeImage } from "./birds-eye-image.js";
import { type EventValue, openEventFile } from "./event-file.js";
import type { ObservedStep, RunObserver } from "./run-observer.js";

/** What TensorBoard shall show of a run. */
export interface TensorboardJob {
  readonly run: RunFolder;
  readonly recipe: Recipe;
  /** steps that the run has taken: what the file has of later ones is made again */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** to train on: the last step of a pass may have fewer than a batch, as may all where there are no more */
  readonly frames: number;
  /** of the frame that is drawn */
  readonly data: DataSource;
  /** the first of them is drawn at each evaluation; none: no picture */
  readonly validationFrames: readonly string[];
}

/**
 * Writes a run's event file, which TensorBoard reads: losses, entropy, changes and course of every layer, learning rate and throughput
 * step by step; the entropies of an epoch's steps as one histogram a layer; accuracy and a picture of the first frame, with its
 * labels and what was found, at each evaluation; the recipe as text.
 */
export function tensorboardObserver({
  run,
  recipe,
  step: begun,
  stepsPerEpoch,
  frames,
  data,
  validationFrames,
}: TensorboardJob): RunObserver {
  const { batchSize } = recipe.training;
  const framesOf = (step: number) => {
    const before = (step - 1) % stepsPerPass({ batchSize }, frames);
    return Math.min(batchSize, frames - before * batchSize);
  };
  const file = openEventFile(run.events);
  if (!file.continued) file.add(0, [{ kind: "text", tag: "recipe", text: `\`\`\`yaml\n${recipeText(recipe)}\`\`\`` }]);
  else file.restartAt(begun + 1);
  const ofEpoch = new Map<string, number[]>();
  const collect = (entropies: readonly EventValue[]) => {
    for (const { tag, value } of entropies as readonly { tag: string; value: number }[]) {
      const of = ofEpoch.get(tag);
      if (of === undefined) ofEpoch.set(tag, [value]);
      else of.push(value);
    }
  };
  if (begun % stepsPerEpoch !== 0) {
    // The epoch that a run goes on in has had steps before.
    for (const { step, entropy } of readSteps(run)) {
      if (step > begun - (begun % stepsPerEpoch)) collect(layerEntropies(entropy?.blocks ?? []));
    }
  }
  return {
    step(line) {
      const entropies = layerEntropies(line.entropy?.blocks ?? []);
      collect(entropies);
      const histograms: EventValue[] = [];
      if (line.step % stepsPerEpoch === 0) {
        for (const [tag, values] of ofEpoch) {
          const finite = values.filter(Number.isFinite);
          if (finite.length > 0) histograms.push({ kind: "histogram", tag: `${tag} of an epoch`, values: finite });
        }
        ofEpoch.clear();
      }
      file.add(line.step, [...stepScalars(line, framesOf(line.step)), ...entropies, ...histograms]);
    },
    async evaluated(line, detector) {
      const [id] = validationFrames;
      const picture = id === undefined ? [] : [await drawFrame(id, data, detector)];
      file.add(line.step, [...accuracies(line), ...picture]);
    },
  };
}

function scalars(prefix: string, values: Readonly<Record<string, number>>): EventValue[] {
  return Object.entries(values).map(([name, value]) => ({ kind: "scalar", tag: `${prefix}/${name}`, value }));
}

function stepScalars({ losses, entropy, seconds, waitSeconds, ...line }: ObservedStep, frames: number): EventValue[] {
  return [
    ...scalars("loss", losses),
    ...scalars("optimiser", { "learning rate": line.learningRate, "gradient norm": line.gradientNorm }),
    ...scalars("speed", {
      "frames per second": frames / seconds,
      "share of waiting for data": waitSeconds / seconds,
    }),
    ...(entropy ? scalars("entropy", { L1: entropy.l1, L2: entropy.l2 }) : []),
  ];
}

/** Entropy of every layer of every block, in nats. */
function layerEntropies(
  blocks: readonly { readonly block: number; readonly entropies: readonly number[] }[],
): EventValue[] {
  return blocks.flatMap(({ block, entropies }) =>
    scalars(`entropy of block ${block}`, Object.fromEntries(entropies.map((value, i) => [`layer ${i}`, value]))),
  );
}

/** Every AP of an evaluation at 40 recalls, by what it is called there. */
function accuracies(line: Readonly<Record<string, unknown>>): EventValue[] {
  const found: EventValue[] = [];
  const walk = (node: unknown, path: readonly string[]) => {
    if (typeof node === "number") found.push({ kind: "scalar", tag: `AP ${path.join(" ")}`, value: node });
    else if (typeof node === "object" && node !== null) {
      for (const [key, child] of Object.entries(node))
        if (key !== "r11") walk(child, key === "r40" ? path : [...path, key]);
    }
  };
  for (const part of ["strict", "loose", "averages"] as const) walk(line[part], part === "averages" ? [] : [part]);
  return found;
}

/** Found boxes with a smaller score are not drawn. */
const SHOWN_SCORE = 0.3;

async function drawFrame(id: string, data: DataSource, detector: Detector): Promise<EventValue> {
  const { config } = detector;
  const frame = await readVisibleFrame(data, id, config);
  const { boxes, scores } = await predictFrame(detector, networkInput(frame, config));
  const shown = [...scores.keys()].filter((i) => scores[i] >= SHOWN_SCORE);
  const found = Float64Array.from(shown.flatMap((i) => [...boxes.subarray(7 * i, 7 * i + 7)]));
  const image = birdsEyeImage({ points: frame.points, labelled: frame.boxes, found, range: config.pointRange });
  return { kind: "image", tag: `frame ${id} from above: labels green, found orange`, ...image };
}
