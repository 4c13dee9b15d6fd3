import type { Evaluation, EvaluationClass } from "kitti-eval";
import type { FramesEvaluation } from "./evaluate-frames.js";

/**
 * 3D AP at 40 recalls, %, of each class: what was found, and what a perfect detector gets. Official, moderate, where the data
 * are KITTI's; elsewhere that of the tables, of all objects with a point.
 */
export type ModerateAverages = Readonly<Record<string, { readonly found: number; readonly perfect: number }>>;

export function moderateAverages({
  official,
  tables,
}: Pick<FramesEvaluation, "official" | "tables">): ModerateAverages {
  if (official === undefined) {
    const averages = tables.classes.map(({ name, all }) => [
      name,
      { found: all.ap["3d"] ?? 0, perfect: all.ceiling ?? 0 },
    ]);
    return Object.fromEntries(averages);
  }
  const ap = (of: Evaluation, name: EvaluationClass) => of.strict[name]["3d"]?.moderate.r40 ?? 0;
  const names = Object.keys(official.ceiling.strict) as EvaluationClass[];
  return Object.fromEntries(
    names.map((name) => [name, { found: ap(official.result, name), perfect: ap(official.ceiling, name) }]),
  );
}

/** `Car 70.1 of 100.0, …` */
export function formatAverages(averages: ModerateAverages): string {
  const list = Object.entries(averages).map(
    ([name, { found, perfect }]) => `${name} ${found.toFixed(1)} of ${perfect.toFixed(1)}`,
  );
  return list.join(", ");
}
