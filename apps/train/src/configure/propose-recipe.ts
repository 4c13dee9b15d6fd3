import { type AnchorGrid, assignTargets, buildAnchors, type DetectorConfig } from "second-detector";
import type { DataReading } from "../frames/data-reading.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import { counted } from "../system/counted.js";
import { anchorOf, type ClassGroup, chooseClasses, FEW_OBJECTS, FEW_POINTS, RARE } from "./choose-classes.js";
import { chooseGrid, countVoxels, FARTHEST, type Grid, isInRange } from "./choose-range.js";
import { chooseTraining, type TrainingChoice } from "./choose-training.js";
import { fittingWeights } from "./fitting-weights.js";
import type { Survey } from "./survey.js";

/** A choice in words: what was chosen, its value, why. */
export type Reason = readonly [key: string, value: string, why: string];

/** A recipe for a data set, with the reason for each of its numbers. */
export interface Proposal {
  readonly recipe: Recipe;
  readonly groups: readonly ClassGroup[];
  /** optimiser steps of the training */
  readonly steps: number;
  /** published weights to begin with: a name of second-weights */
  readonly initialWeights: string | undefined;
  readonly reasons: readonly Reason[];
  /** what makes it doubtful, a sentence each */
  readonly doubts: readonly string[];
}

/** What a proposal starts from. */
export interface ProposalRequest {
  readonly name: string;
  readonly base: Recipe;
  readonly survey: Survey;
  readonly reading: DataReading;
  /** default: those with enough objects */
  readonly classes?: readonly string[] | undefined;
}

/**
 * A recipe for what a survey found: classes, range, anchors, thresholds, length and augmentation of the training by the data,
 * everything else of a base.
 * @throws Error if nothing is labelled that a scan shows, or a class that is asked for is not there, or no object is near enough
 */
export function proposeRecipe({ name, base, survey, reading, classes }: ProposalRequest): Proposal {
  const { chosen: groups, leftOut } = chooseClasses(survey, classes);
  const objects = groups.flatMap(({ seen }) => seen);
  const grid = chooseGrid(objects, base.detector);
  const doubts = farClasses(groups, grid);
  const allRound = !survey.withCamera && grid.pointRange[0] < 0;
  const voxels = Math.max(...survey.scans.map(({ points }) => countVoxels(points, grid)));
  const most = 1000 * Math.max(4, Math.ceil((1.2 * voxels) / 1000));
  const detector: DetectorConfig = {
    ...base.detector,
    name,
    classes: groups.map(anchorOf),
    ...(survey.withoutIntensity && { features: ["x", "y", "z"] as const }),
    ...grid,
    maxVoxels: { train: most, test: most },
  };
  const data = readingOf(survey, reading);
  const choice = chooseTraining({ base, frames: survey.frames, groups, allRound });
  const { training, augmentation, steps } = choice;
  const recipe: Recipe = {
    name,
    detector,
    ...(Object.keys(data).length > 0 && { data }),
    training,
    ...(augmentation && { augmentation }),
    entropyLoss: base.entropyLoss,
  };
  const initialWeights = fittingWeights(detector);
  const reasons = [
    ...groups.flatMap((group, i) => reasonsOfClass(group, i, { detector, survey })),
    reasonOfLeftOut(leftOut, survey),
    ...reasonsOfGrid(survey, { detector, base, groups, voxels }),
    [
      "intensity",
      data.intensityMaximum === undefined ? "as it is" : `divided by ${data.intensityMaximum}`,
      `largest ${survey.largestIntensity.toPrecision(3)}`,
    ],
    ...reasonsOfTraining(choice, survey),
    [
      "begin with",
      initialWeights ?? "random numbers",
      initialWeights ? "published weights of the same network" : "no published weights have this network",
    ],
  ] satisfies Reason[];
  return { recipe, groups, steps, initialWeights, reasons, doubts };
}

/**
 * Classes of which the range holds less than half, as they are too far away for it: a sentence each.
 * @throws Error if it holds none of any
 */
function farClasses(groups: readonly ClassGroup[], { pointRange }: Grid): string[] {
  const counts = groups.map(({ name, seen }) => ({
    name,
    all: seen.length,
    inside: seen.filter((object) => isInRange(object, pointRange)).length,
  }));
  if (counts.every(({ inside }) => inside === 0)) {
    const nearest = Math.min(...groups.flatMap(({ seen }) => seen.map(({ box }) => Math.hypot(box[0], box[1]))));
    const all = counts.reduce((sum, count) => sum + count.all, 0);
    throw new Error(
      `expected labelled objects up to ${FARTHEST} m ahead and aside, got none among ${all} with ${FEW_POINTS} points or more, ` +
        `the nearest at ${nearest.toFixed(1)} m; scans and labels have to be in metres, with the sensor at the origin`,
    );
  }
  return counts
    .filter(({ inside, all }) => inside < all / 2)
    .map(
      ({ name, inside, all }) =>
        `doubtful: ${inside} of ${all} ${name} are in the range, which reaches ${FARTHEST} m ahead and aside at most: are scans and labels in metres?`,
    );
}

const decimals = (values: readonly number[], digits = 1) => values.map((each) => each.toFixed(digits));

function reasonsOfClass(
  { name, labels, labelled, seen }: ClassGroup,
  index: number,
  { detector, survey }: { readonly detector: DetectorConfig; readonly survey: Survey },
): Reason[] {
  const { anchorSize, anchorBottom, positiveIou, negativeIou } = detector.classes[index];
  const learning = anchorsPerObject(survey, detector, index);
  return [
    [
      `class ${name}`,
      `${labelled} labelled, ${seen.length} with ${FEW_POINTS} points or more`,
      `labels ${labels.join(", ")}`,
    ],
    [
      "  anchor",
      `${decimals(anchorSize, 2).join(" x ")} m, lower face at ${anchorBottom.toFixed(2)} m`,
      "medians of these",
    ],
    [
      "  overlaps",
      `positive ${positiveIou}, negative ${negativeIou}`,
      `${learning.toFixed(1)} anchors learn an object`,
    ],
  ];
}

/** Positive anchors of an object of a class, on average over the scans that are kept; 0 without an object in range. */
function anchorsPerObject({ scans }: Survey, detector: DetectorConfig, index: number): number {
  const only = { ...detector, classes: [detector.classes[index]] };
  const anchors: AnchorGrid = buildAnchors(only);
  const name = only.classes[0].name.toLowerCase();
  let [positives, objects] = [0, 0];
  for (const scan of scans) {
    const inside = scan.objects.filter(
      (object) => object.type.toLowerCase() === name && isInRange(object, detector.pointRange),
    );
    const boxes = inside.flatMap(({ box }) => [...box]);
    positives += assignTargets({ boxes, labels: inside.map(() => 0) }, anchors, only).positives.length;
    objects += inside.length;
  }
  return objects === 0 ? 0 : positives / objects;
}

/** Classes that are left out by name. */
const NAMED = 3;

function reasonOfLeftOut(leftOut: readonly ClassGroup[], { frames }: Survey): Reason {
  const named = leftOut.slice(0, NAMED).map(({ name, labelled, seen }) => `${seen.length} of ${labelled} ${name}`);
  const more = leftOut.length - named.length;
  const names = [...named, ...(more > 0 ? [`${more} more classes`] : [])].join(", ");
  const enough = Math.max(FEW_OBJECTS, frames / RARE);
  return [
    "left out",
    names === "" ? "no class" : names,
    `fewer than ${Math.ceil(enough)} with ${FEW_POINTS} points, or not asked for; --map ${leftOut[0]?.name ?? "LABEL"}=CLASS adds them to a class`,
  ];
}

function reasonsOfGrid(
  { scans, objects }: Survey,
  {
    detector,
    base,
    groups,
    voxels,
  }: {
    readonly detector: DetectorConfig;
    readonly base: Recipe;
    readonly groups: readonly ClassGroup[];
    readonly voxels: number;
  },
): Reason[] {
  const { pointRange: range, voxelSize, maxVoxels } = detector;
  const names = new Set(groups.map(({ name }) => name.toLowerCase()));
  const shown = objects.filter(({ type, points }) => names.has(type.toLowerCase()) && points > 0);
  const inside = shown.filter((object) => isInRange(object, range)).length;
  const higher = voxelSize[2] > base.detector.voxelSize[2];
  return [
    [
      "pointRange",
      `x ${decimals([range[0], range[3]]).join(" to ")}, y ${decimals([range[1], range[4]]).join(" to ")}, z ${decimals([range[2], range[5]]).join(" to ")} m`,
      `98 % of those with ${FEW_POINTS} points, at most ${FARTHEST} m; ${inside} of ${shown.length} with a point are in it`,
    ],
    [
      "voxelSize",
      `${voxelSize.join(" x ")} m`,
      higher
        ? `higher than those of ${base.name}, and as many: objects stand that high and low`
        : `of ${base.name}: they divide the range and its strides`,
    ],
    ["maxVoxels", String(maxVoxels.train), `a fifth more than the fullest of ${scans.length} scans has (${voxels})`],
    ["features", (detector.features ?? ["x", "y", "z", "intensity"]).join(" "), "what the scans have"],
  ];
}

function reasonsOfTraining({ training, augmentation, steps, why }: TrainingChoice, { frames }: Survey): Reason[] {
  const { epochs, repeats } = training;
  const { scene } = augmentation ?? {};
  const changes =
    augmentation === undefined
      ? "none"
      : `${scene ? `turns of ${scene.rotation.toFixed(2)}, ` : ""}pasted objects of other scans`;
  return [
    [
      "epochs",
      `${epochs}${repeats ? ` of ${repeats} times each frame` : ""}`,
      `${counted(steps, "step")} on ${counted(frames, "frame")}: ${why.steps}`,
    ],
    ["augmentation", changes, why.augmentation],
  ];
}

/**
 * How a recipe says that frames are to be read: whole, unless a camera says what counts, with intensities up to 1. What a camera does not
 * see is not labelled: in the whole scan it would be learnt as nothing.
 */
export function readingOf(survey: Survey, reading: DataReading): DataReading {
  const { intensityMaximum = 1 } = reading; // the survey's intensities are divided by it
  const scale = intensityMaximumOf(survey);
  return {
    ...reading,
    ...(!survey.withCamera && { view: "full" as const }),
    ...(scale !== 1 && { intensityMaximum: scale * intensityMaximum }),
  };
}

/** Above this an intensity is a byte, or more. */
const BYTES_FROM = 10;

/** Intensity that becomes 1. */
function intensityMaximumOf({ largestIntensity: largest }: Survey): number {
  if (largest <= 1) return 1;
  return largest > BYTES_FROM && largest <= 255 ? 255 : largest;
}
