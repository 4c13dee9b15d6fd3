import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createWeights, type DetectorConfig, disposeWeights, type NamedArray, weightsToArrays } from "second-detector";
import { decodePretrained, pretrainedNames, pretrainedUrl } from "second-weights";
import { hashOf } from "../prepare/hash.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { openRunFolder } from "../runs/run-folder.js";
import { randomStream } from "../system/random.js";
import { MOST_BYTES, readBytes } from "../system/read-file.js";
import { decodeCheckpointModel } from "./checkpoint.js";

/** A trained detector that training may begin with. */
export interface TrainedWeights {
  /** run folder or file, as it was asked for */
  readonly path: string;
  /** of the file that the weights lie in */
  readonly sha256: string;
  readonly config: DetectorConfig;
  readonly model: ReadonlyMap<string, NamedArray>;
}

/** What training begins with. */
export interface InitialWeights {
  /** every tensor of the detector */
  readonly weights: ReadonlyMap<string, NamedArray>;
  /** tensors that were taken whole */
  readonly taken: number;
  /** what begins with random numbers, all of it or in part: a line each */
  readonly leftOut: readonly string[];
}

/**
 * The weights of a run folder's checkpoint, of a file of `second-weights`, or of a detector that comes with it, by name (a folder or
 * file of that name goes before).
 * @throws Error naming the file, if it is not there or is neither
 */
export function readTrainedWeights(path: string): TrainedWeights {
  const published = pretrainedNames.find((name) => name === path);
  if (published !== undefined && !existsSync(path)) {
    return { ...readTrainedWeights(fileURLToPath(pretrainedUrl(published))), path };
  }
  const use = { what: "weights to begin with", most: MOST_BYTES.tensors };
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    const run = openRunFolder(path);
    const bytes = readBytes(run.checkpoint, use);
    const { model } = decodeCheckpointModel(bytes, run.checkpoint);
    return { path, sha256: hashOf(bytes), config: readRecipe(run.config).detector, model };
  }
  const bytes = readBytes(path, use);
  const { config, weights: model } = decodePretrained(bytes, path);
  return { path, sha256: hashOf(bytes), config, model };
}

/**
 * What a detector begins with: each tensor of the same name and shape, and of a head for other classes the channels of those that
 * both know, by name; the rest of such a head is random, as a run of this seed without any weights would have it. So is the head of
 * directions where these are split elsewhere.
 * @throws Error naming every other tensor that is missing, too many or of another shape
 */
export async function initialWeights(
  { path, config: from, model }: TrainedWeights,
  config: DetectorConfig,
  seed: number,
): Promise<InitialWeights> {
  const fresh = createWeights(config, randomStream(seed, "weights"));
  const weights = await weightsToArrays(fresh);
  disposeWeights(fresh);
  const faults = [...model.keys()]
    .filter((name) => !weights.has(name))
    .map((name) => `${name} is none of this detector`);
  const leftOut: string[] = [];
  let taken = 0;
  for (const [name, own] of weights) {
    const theirs = model.get(name);
    const head = headOf(name);
    if (theirs === undefined) faults.push(`${name} [${own.shape.join(", ")}] is missing`);
    else if (head === undefined || (sameClasses(from, config) && !(head === "dir" && splitsElsewhere(from, config)))) {
      if (theirs.shape.join() !== own.shape.join())
        faults.push(`${name}: expected shape [${own.shape.join(", ")}], got [${theirs.shape.join(", ")}]`);
      else {
        weights.set(name, theirs);
        taken++;
      }
    } else if (head === "dir" && splitsElsewhere(from, config)) {
      const [there, here] = [from, config].map(({ loss }) => loss.directionOffset.toFixed(4));
      leftOut.push(`${name}: directions are split at ${there} in ${path} and at ${here} here, begins random`);
    } else {
      const merged = mergedHead(head, { from, theirs, config, own });
      if (merged === undefined)
        faults.push(`${name}: expected [${own.shape.join(", ")}], got [${theirs.shape.join(", ")}]`);
      else {
        weights.set(name, merged);
        leftOut.push(`${name}: ${classesThatDiffer(path, from, config)}`);
      }
    }
  }
  if (faults.length > 0) throw new Error(`${path}: weights do not fit the recipe's detector: ${faults.join("; ")}`);
  return { weights, taken, leftOut };
}

type Head = "cls" | "box" | "dir";

function headOf(name: string): Head | undefined {
  return /^head\.(cls|box|dir)\./.exec(name)?.[1] as Head | undefined;
}

const namesOf = ({ classes }: DetectorConfig) => classes.map(({ name }) => name);

/** As labels' names are compared: case does not matter. */
const keysOf = (config: DetectorConfig) => namesOf(config).map((name) => name.toLowerCase());

function sameClasses(one: DetectorConfig, other: DetectorConfig): boolean {
  return JSON.stringify(keysOf(one)) === JSON.stringify(keysOf(other));
}

/** 0.785 and π/4 are the same. */
function splitsElsewhere(one: DetectorConfig, other: DetectorConfig): boolean {
  return Math.abs(one.loss.directionOffset - other.loss.directionOffset) > 1e-3;
}

function classesThatDiffer(path: string, from: DetectorConfig, config: DetectorConfig): string {
  const [there, here] = [from, config].map(namesOf);
  const isKnown = (name: string) => keysOf(from).includes(name.toLowerCase());
  const [known, others] = [here.filter(isKnown), here.filter((name) => !isKnown(name))];
  const rest = [
    ...(known.length > 0 ? [`taken for ${known.join(", ")}`] : []),
    ...(others.length > 0 ? [`begins random for ${others.join(", ")}`] : []),
  ].join(", ");
  return `the ${there.length} classes of ${path} (${there.join(", ")}) do not fit the ${here.length} here, ${rest}`;
}

/** A head with the channels of the classes that both know; `undefined` if more than the classes differs. */
function mergedHead(
  head: Head,
  tensors: {
    readonly from: DetectorConfig;
    readonly theirs: NamedArray;
    readonly config: DetectorConfig;
    readonly own: NamedArray;
  },
): NamedArray | undefined {
  const { from, theirs, config, own } = tensors;
  const here = headChannels(head, config);
  const there = headChannels(head, from);
  const [ownInputs, theirInputs] = [own, theirs].map(({ shape }) => shape.slice(0, -1).join());
  if (ownInputs !== theirInputs || theirs.shape.at(-1) !== there.length) return undefined;
  if (from.anchors.rotations.length !== config.anchors.rotations.length) return undefined;
  const places = here.map((channel) => there.indexOf(channel));
  const data = own.data.map((value, i) => {
    const place = places[i % here.length];
    return place < 0 ? value : theirs.data[Math.floor(i / here.length) * there.length + place];
  });
  return { shape: own.shape, data };
}

/** What each channel of a head is of, in words that are the same for two detectors: class, rotation, what is predicted. */
function headChannels(head: Head, config: DetectorConfig): string[] {
  const values = head === "cls" ? keysOf(config) : Array.from({ length: head === "box" ? 7 : 2 }, (_, k) => String(k));
  return keysOf(config).flatMap((name) =>
    config.anchors.rotations.flatMap((_, r) => values.map((value) => JSON.stringify([name, r, value]))),
  );
}
