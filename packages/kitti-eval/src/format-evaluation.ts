import type { Evaluation, LevelResults } from "./evaluate-kitti.js";
import {
  EVALUATION_CLASSES,
  type EvaluationClass,
  LEVELS,
  type Level,
  LOOSE_OVERLAP,
  STRICT_OVERLAP,
} from "./rules.js";

/** What {@link formatEvaluation} shows beside the result. */
export interface FormatOptions {
  /** The evaluation of `perfectDetections` on the same frames; each AP is then followed by `/` and its ceiling. */
  readonly ceiling?: Evaluation;
  /** Classes to show; all three by default. */
  readonly classes?: readonly EvaluationClass[];
}

/**
 * A table for people: every AP in percent with its measure (R40, R11), its overlap limit and its level.
 * `-` means not evaluated, `NaN` that the official evaluation divides 0 by 0.
 * @returns lines of at most 79 characters (115 with a ceiling), without a newline at the end
 */
export function formatEvaluation(result: Evaluation, options: FormatOptions = {}): string {
  const { ceiling, classes = EVALUATION_CLASSES } = options;
  const width = ceiling === undefined ? 9 : 15;
  const blocks = classes.map((name) => classBlock(name, { result, ceiling, width }));
  const frames = `${result.frames} ${result.frames === 1 ? "frame" : "frames"}`;
  const what = ceiling === undefined ? "AP in percent" : "AP in percent / AP of a perfect detector on these frames";
  return [`${frames}, ${what}`, ...blocks].join("\n\n");
}

interface Sheet {
  readonly result: Evaluation;
  readonly ceiling?: Evaluation;
  readonly width: number;
}

function classBlock(name: EvaluationClass, sheet: Sheet): string {
  const header = ["R40", "R11"].map((measure) =>
    LEVELS.map((level) => `${measure} ${shortName(level)}`.padStart(sheet.width)).join(""),
  );
  const rows = [name[0].toUpperCase() + name.slice(1).padEnd(22) + header.join("  ")];
  for (const metric of ["2d", "aos", "bev", "3d"] as const) {
    const label = `${metric.toUpperCase().padEnd(4)} strict > ${STRICT_OVERLAP[name].toFixed(2)}`;
    rows.push(row(label, sheet, (evaluation) => evaluation.strict[name]?.[metric]));
  }
  for (const metric of ["bev", "3d"] as const) {
    const label = `${metric.toUpperCase().padEnd(4)} loose  > ${LOOSE_OVERLAP[name].toFixed(2)}`;
    rows.push(row(label, sheet, (evaluation) => evaluation.loose[name]?.[metric]));
  }
  return rows.join("\n");
}

function row(label: string, sheet: Sheet, pick: (evaluation: Evaluation) => LevelResults | null): string {
  const values = pick(sheet.result);
  const limits = sheet.ceiling === undefined ? undefined : pick(sheet.ceiling);
  const halves = (["r40", "r11"] as const).map((measure) =>
    LEVELS.map((level) => {
      const value = percent(values?.[level][measure]);
      const text = limits === undefined ? value : `${value} /${percent(limits?.[level][measure]).padStart(6)}`;
      return text.padStart(sheet.width);
    }).join(""),
  );
  return `  ${label.padEnd(21)}${halves.join("  ")}`;
}

function percent(value: number | undefined): string {
  if (value === undefined) return "-";
  return Number.isNaN(value) ? "NaN" : value.toFixed(2);
}

function shortName(level: Level): string {
  return level === "moderate" ? "mod" : level;
}
