import type { ApMetric, ApResult, EvaluationResults, LevelResults, ReportRun } from "../src/report-data.js";

/** Of KITTI's benchmark, in its order. */
export const CLASSES = ["car", "pedestrian", "cyclist"] as const;
export const LEVELS = ["easy", "moderate", "hard"] as const;
export type Level = (typeof LEVELS)[number];
export const METRICS: readonly (readonly [ApMetric, string])[] = [
  ["3d", "3D"],
  ["bev", "BEV"],
  ["2d", "2D"],
];

/** `Car` of `car`. */
export const className = (name: string): string => name[0].toUpperCase() + name.slice(1);

/** Which number of an evaluation is meant. */
export interface Choice {
  readonly metric: ApMetric;
  readonly level: Level;
}

/** A number of an evaluation by the official overlaps; undefined where there is none. */
export function resultOf(
  results: EvaluationResults | undefined,
  of: string,
  { metric, level }: Choice,
): ApResult | undefined {
  return results?.strict[of]?.[metric]?.[level];
}

export function levelsOf(
  results: EvaluationResults | undefined,
  { rule, of, metric }: { rule: "strict" | "loose"; of: string; metric: ApMetric },
): LevelResults | null {
  return results?.[rule][of]?.[metric] ?? null;
}

/** A percentage with two decimals; a dash where there is none. */
export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(2);
}

/** Classes that some run has found or could have. */
export function classesOf(runs: readonly ReportRun[]): string[] {
  const named = CLASSES.filter((name) =>
    runs.some(({ evaluation, validations }) =>
      [evaluation?.results, evaluation?.ceiling, ...validations.map(({ results }) => results)].some((results) =>
        METRICS.some(([metric]) => results?.strict[name]?.[metric] != null),
      ),
    ),
  );
  return named.length === 0 ? ["car"] : named;
}
