import { printable } from "checked-text";
import type { DetectionClassResult, DetectionEvaluation, GroupPrecision } from "./evaluate-detections.js";
import type { Band } from "./groups.js";

const LABEL_WIDTH = 14;
const COLUMN_WIDTH = 9;

/**
 * Tables for people: of every class its counts, every AP in percent by group of objects, recall, precision and errors at
 * the score of the evaluation; then what was taken for what. `-` means that there is nothing to measure. The row
 * `perfect` (only where it is not 100) is the AP of a perfect detector on so few objects.
 * @returns lines without a newline at the end; 79 characters with the usual bands; no control characters
 */
export function renderTables(result: DetectionEvaluation): string {
  const { frames, match, score } = result;
  const rule = match === "overlap" ? "AP at 40 recalls (KITTI)" : "AP by distance of centres (nuScenes)";
  const blocks = result.classes.map((of) => classBlock(of, result));
  const confusion = result.confusion.map(
    ({ detected, object, count }) => `  ${name(detected)} on ${name(object)}: ${count}`,
  );
  if (confusion.length > 0) {
    blocks.push([`Detections from score ${score} on objects of another class`, ...confusion].join("\n"));
  }
  return [`${frames} ${frames === 1 ? "frame" : "frames"}, ${rule}, percent`, ...blocks].join("\n\n");
}

function classBlock(of: DetectionClassResult, { match, score }: DetectionEvaluation): string {
  const groups: GroupPrecision[] = [of.all, ...of.byDistance, ...of.byPoints];
  const names = [
    "all",
    ...of.byDistance.map((band) => `${bandName(band, 0)} m`),
    ...of.byPoints.map((band) => `${bandName(band, 1)} pt`),
  ];
  const ignored = of.ignoredObjects === 0 ? "" : ` and ${of.ignoredObjects} without points, ignored`;
  const rows = [
    `${name(of.name)}: ${counted(of.objects, "object")}${ignored}; ${counted(of.detections, "detection")}`,
    row("", names),
    row(
      "objects",
      groups.map(({ objects }) => String(objects)),
    ),
    ...Object.keys(of.all.ap).map((measure) => {
      const label = match === "overlap" ? `${measure.toUpperCase().padEnd(4)}> ${of.overlap.toFixed(2)}` : measure;
      return row(
        label,
        groups.map(({ ap }) => fixed(ap[measure], 2)),
      );
    }),
  ];
  if (groups.some(({ ceiling }) => ceiling !== null && ceiling < 100)) {
    rows.push(
      row(
        "perfect",
        groups.map(({ ceiling }) => fixed(ceiling, 2)),
      ),
    );
  }
  rows.push(
    `  recall ${percent(of.recall)}, precision ${percent(of.precision)}, ${fixed(of.falsePositivesPerFrame, 2)} false per frame from score ${score};`,
    `  largest recall ${percent(of.largestRecall)}`,
  );
  if (of.errors !== null) {
    const { centre, z, length, width, height, heading, flipped } = of.errors;
    const sizes = [length, width, height].map((size) => size.toFixed(2)).join(" ");
    rows.push(
      `  errors: ${centre.toFixed(2)} m in the plane, z ${z.toFixed(2)}, l w h ${sizes},`,
      `  heading ${heading.toFixed(1)}°, flipped ${percent(flipped)}`,
    );
  }
  return rows.join("\n");
}

function row(label: string, cells: readonly string[]): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join("")}`;
}

/** 0-20, 40+; whole numbers of points end one below the next band. */
function bandName({ from, to }: Band, below: number): string {
  return to === null ? `${from}+` : `${from}-${to - below}`;
}

function fixed(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits);
}

function percent(value: number | null): string {
  return value === null ? "-" : `${(100 * value).toFixed(1)} %`;
}

/** A name out of a file must not steer the terminal, nor break its line. */
function name(type: string): string {
  return printable(type.replace(/\s+/g, " "));
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
