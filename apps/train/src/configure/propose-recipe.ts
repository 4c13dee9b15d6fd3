import type { DetectorConfig } from "second-detector";
import type { DataReading } from "../frames/data-reading.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import type { Survey, SurveyedObject } from "./survey.js";

/** A recipe for a data set, with the reason for each of its numbers. */
export interface Proposal {
  readonly recipe: Recipe;
  readonly reasons: readonly (readonly [key: string, value: string, why: string])[];
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

/** Points that an object needs to teach anything. */
const FEW_POINTS = 5;
/** Objects of a class that is proposed unasked, unless all have fewer. */
const FEW_OBJECTS = 5;
/** Metres from the scanner that a proposed range reaches at most. */
const FARTHEST = 76.8;
/** Optimiser steps that a first training should have. */
const STEPS = 600;
/** Passes over few frames at most. */
const MOST_EPOCHS = 200;
/** An object is long, as a car is, from here on, metres. */
const LONG = 3;

/**
 * A recipe for what a survey found: classes, range, anchors, thresholds and augmentation of the data, everything else of a base.
 * @throws Error if nothing is labelled that a scan shows, or a class that is asked for is not there
 */
export function proposeRecipe({ name, base, survey, reading, classes }: ProposalRequest): Proposal {
  const seen = survey.objects.filter(({ points }) => points >= FEW_POINTS);
  if (seen.length === 0) {
    throw new Error(
      `expected labelled objects with ${FEW_POINTS} points or more, found none among ${survey.objects.length}`,
    );
  }
  const groups = chosenGroups(seen, classes);
  const objects = groups.flatMap(([, members]) => members);
  const { detector } = base;
  const range = rangeOf(objects, base);
  const allRound = range[0] < 0;
  const anchors = groups.map(([type, members]) => anchorOf(type, members));
  const voxels = Math.max(...survey.scans.map((scan) => countVoxels(scan, range, detector.voxelSize)));
  const most = 1000 * Math.max(4, Math.ceil((1.2 * voxels) / 1000));
  const epochs = Math.min(MOST_EPOCHS, Math.max(base.training.epochs, Math.ceil(STEPS / survey.frames)));
  const counts = groups.map(([type, members]) => ({
    class: type,
    count: Math.ceil(members.length / survey.frames) + 3,
    minPoints: FEW_POINTS,
  }));
  const scale = intensityMaximumOf(survey);
  const read = {
    ...reading,
    ...(allRound && { view: "full" as const }),
    ...(scale !== 1 && { intensityMaximum: scale }),
  };
  const turn = allRound ? Math.PI : base.augmentation?.scene?.rotation;
  const recipe: Recipe = {
    name,
    detector: {
      ...detector,
      name,
      classes: anchors,
      ...(survey.withoutIntensity && { features: ["x", "y", "z"] as const }),
      pointRange: range,
      maxVoxels: { train: most, test: most },
    },
    ...(Object.keys(read).length > 0 && { data: read }),
    training: { ...base.training, epochs },
    ...(base.augmentation && {
      augmentation: {
        ...base.augmentation,
        sampling: counts,
        ...(base.augmentation.scene && { scene: { ...base.augmentation.scene, rotation: turn! } }),
      },
    }),
    entropyLoss: base.entropyLoss,
  };
  const metres = (values: readonly number[]) => values.map((each) => each.toFixed(1)).join(" ");
  return {
    recipe,
    reasons: [
      ...groups.map(
        ([type, members], i) =>
          [
            `class ${type}`,
            `anchor ${anchors[i].anchorSize.map((each) => each.toFixed(2)).join(" x ")} m, lower face at ${anchors[i].anchorBottom.toFixed(2)} m`,
            `median of ${members.length} objects with ${FEW_POINTS} points or more`,
          ] as const,
      ),
      [
        "left out",
        leftOut(survey.objects, groups),
        `fewer than ${FEW_OBJECTS} objects that a scan shows, or not asked for`,
      ],
      ["pointRange", metres(range), "98 % of these objects, at whole cells of the coarsest map"],
      ["voxelSize", metres(detector.voxelSize), `of ${base.name}: it divides the range and its strides`],
      ["maxVoxels", String(most), `a fifth more than the fullest of ${survey.scans.length} scans has (${voxels})`],
      ["intensityMaximum", String(scale), `largest intensity ${survey.largestIntensity.toPrecision(3)}`],
      ["features", survey.withoutIntensity ? "x y z" : "x y z intensity", "what the scans have"],
      [
        "rotation",
        turn === undefined ? "none" : turn.toFixed(2),
        allRound ? "objects stand all round" : `of ${base.name}`,
      ],
      ["epochs", String(epochs), `${epochs * survey.frames} frames to learn from`],
    ],
  };
}

/** Above this an intensity is a byte, or more. */
const BYTES_FROM = 10;

/** Intensity that becomes 1. */
function intensityMaximumOf({ largestIntensity: largest }: Survey): number {
  if (largest <= 1) return 1;
  return largest > BYTES_FROM && largest <= 255 ? 255 : largest;
}

type Group = readonly [type: string, members: readonly SurveyedObject[]];

/** @throws Error naming a class that is asked for and not there */
function chosenGroups(objects: readonly SurveyedObject[], asked: readonly string[] | undefined): Group[] {
  const byType = new Map<string, SurveyedObject[]>();
  for (const object of objects) byType.set(object.type, [...(byType.get(object.type) ?? []), object]);
  const groups = [...byType].sort(([, a], [, b]) => b.length - a.length);
  if (asked !== undefined) {
    return asked.map((name) => {
      const found = groups.find(([type]) => type.toLowerCase() === name.toLowerCase());
      if (found !== undefined) return found;
      const there = groups.map(([type, members]) => `${members.length} ${type}`).join(", ");
      throw new Error(`--classes: expected labelled classes, got ${name}; found ${there}`);
    });
  }
  const enough = groups.filter(([, members]) => members.length >= FEW_OBJECTS);
  return enough.length === 0 ? groups : enough;
}

function leftOut(objects: readonly SurveyedObject[], groups: readonly Group[]): string {
  const kept = new Set(groups.map(([type]) => type));
  const counts = new Map<string, number>();
  for (const { type } of objects) if (!kept.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts.size === 0 ? "no class" : [...counts].map(([type, count]) => `${count} ${type}`).join(", ");
}

function anchorOf(name: string, members: readonly SurveyedObject[]): DetectorConfig["classes"][number] {
  const size = (axis: number) =>
    rounded(
      quantile(
        members.map(({ box }) => box[axis]),
        0.5,
      ),
    );
  const anchorSize = [size(3), size(4), size(5)] as const;
  const anchorBottom = rounded(
    quantile(
      members.map(({ box }) => box[2] - box[5] / 2),
      0.5,
    ),
  );
  const overlaps =
    anchorSize[0] >= LONG ? { positiveIou: 0.6, negativeIou: 0.45 } : { positiveIou: 0.35, negativeIou: 0.2 };
  return { name, anchorSize, anchorBottom, ...overlaps };
}

/** The range that holds nearly all objects, cut where cells of the coarsest map end. */
function rangeOf(objects: readonly SurveyedObject[], { detector }: Recipe): Recipe["detector"]["pointRange"] {
  const { voxelSize, pointRange, encoder, backbone } = detector;
  const halvings = encoder.kind === "sparse" ? encoder.channels.length - 2 : 0;
  const cells = 2 ** halvings * backbone.strides.reduce((product, stride) => product * stride, 1);
  const bounds = [0, 1].flatMap((axis) => {
    const step = cells * voxelSize[axis];
    const places = objects.map(({ box }) => box[axis]);
    const margin =
      quantile(
        objects.map(({ box }) => box[3]),
        0.98,
      ) / 2;
    const least = Math.max(-FARTHEST, quantile(places, 0.01) - margin);
    const most = Math.min(FARTHEST, quantile(places, 0.99) + margin);
    const from = Math.floor(least / step);
    return [[rounded(from * step), rounded((from + Math.max(2, Math.ceil((most - least) / step) + 1)) * step)]];
  });
  const height = pointRange[5] - pointRange[2];
  const bottoms = objects.map(({ box }) => box[2] - box[5] / 2);
  const tops = objects.map(({ box }) => box[2] + box[5] / 2);
  const [low, high] = [quantile(bottoms, 0.01), quantile(tops, 0.99)];
  // As high as the base's grid: the middle of what stands there in its middle, and the feet of all in it.
  const z = rounded(Math.min(low - 0.2, (low + high - height) / 2), 1);
  return [bounds[0][0], bounds[1][0], z, bounds[0][1], bounds[1][1], rounded(z + height)];
}

/** Voxels of a scan in a range. */
function countVoxels(scan: Float32Array, range: readonly number[], size: readonly number[]): number {
  const filled = new Set<number>();
  const cells = [0, 1, 2].map((axis) => Math.round((range[axis + 3] - range[axis]) / size[axis]));
  for (let i = 0; i < scan.length; i += 4) {
    const at = [0, 1, 2].map((axis) => Math.floor((scan[i + axis] - range[axis]) / size[axis]));
    if (at.some((cell, axis) => cell < 0 || cell >= cells[axis])) continue;
    filled.add((at[2] * cells[1] + at[1]) * cells[0] + at[0]);
  }
  return filled.size;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))];
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
