import { type ConfigurationData, configurationHtml } from "report-page";
import { headMapSize } from "second-detector";
import { recipeText } from "../recipe/parse-recipe.js";
import { counted } from "../system/counted.js";
import { isInRange } from "./choose-range.js";
import type { Proposal } from "./propose-recipe.js";
import type { Survey, SurveyedScan } from "./survey.js";

/** Scans on the page, each up to a megabyte of it. */
const SHOWN_SCANS = 3;
/** Points of a scan that are shown: enough to know a street by. */
const SHOWN_POINTS = 60_000;
/** Metres around the range that are shown. */
const AROUND = 8;
/** Boxes of a class that are laid over each other. */
const SHOWN_BOXES = 300;

/** What a page is about, beside the proposal. */
interface PageContext {
  readonly root: string;
  readonly survey: Survey;
  /** that train, evaluate and show */
  readonly commands: readonly string[];
}

/** What was chosen for a data set and why, with scans, boxes, range and anchors drawn to scale: one HTML file. */
export function configurationPage(proposal: Proposal, { root, survey, commands }: PageContext): string {
  const { recipe, groups, reasons, doubts } = proposal;
  const { pointRange, classes } = recipe.detector;
  const { width, height } = headMapSize(recipe.detector);
  const known = new Map(groups.map(({ name }) => [name.toLowerCase(), name]));
  const page: ConfigurationData = {
    title: `Configuration of ${recipe.name}`,
    description: [
      `${root}: ${counted(survey.frames, "frame")}, ${counted(survey.objects.length, "labelled object")}.`,
      ...doubts,
    ].join(" "),
    commands,
    pointRange,
    cell: [(pointRange[3] - pointRange[0]) / width, (pointRange[4] - pointRange[1]) / height],
    classes: groups.map(({ name, labelled, seen }, i) => ({
      name,
      labelled,
      seen: seen.length,
      inRange: seen.filter((object) => isInRange(object, pointRange)).length,
      anchorSize: classes[i].anchorSize,
      anchorBottom: classes[i].anchorBottom,
      boxes: spread(seen, SHOWN_BOXES).map(({ box }) => [...box]),
    })),
    frames: survey.scans.slice(0, SHOWN_SCANS).map((scan) => ({
      id: scan.id,
      points: shownPoints(scan, pointRange),
      truth: scan.objects.map(({ type, box }) => ({ type: known.get(type.toLowerCase()) ?? type, box: [...box] })),
      detections: [],
    })),
    reasons,
    recipe: recipeText(recipe),
  };
  return configurationHtml(page);
}

/** Points in and around the range, every so many of them. */
function shownPoints({ points }: SurveyedScan, range: Proposal["recipe"]["detector"]["pointRange"]): Float32Array {
  const near: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const inside = [0, 1].every(
      (axis) => points[i + axis] >= range[axis] - AROUND && points[i + axis] <= range[axis + 3] + AROUND,
    );
    if (inside && Math.abs(points[i + 2]) < 300) near.push(i);
  }
  return Float32Array.from(spread(near, SHOWN_POINTS).flatMap((i) => [...points.subarray(i, i + 4)]));
}

/** At most so many of a list, evenly. */
function spread<T>(list: readonly T[], most: number): T[] {
  const step = Math.max(1, list.length / most);
  return Array.from({ length: Math.min(most, list.length) }, (_, i) => list[Math.floor(i * step)]);
}
