import type { Evaluation, EvaluationClass } from "kitti-eval";

/** 3D AP at 40 recalls, moderate, official overlaps, %, of each class: what was found, and what a perfect detector gets. */
export type ModerateAverages = Readonly<Record<string, { readonly found: number; readonly perfect: number }>>;

export function moderateAverages({
  result,
  ceiling,
}: {
  readonly result: Evaluation;
  readonly ceiling: Evaluation;
}): ModerateAverages {
  const ap = (of: Evaluation, name: EvaluationClass) => of.strict[name]["3d"]?.moderate.r40 ?? 0;
  const names = Object.keys(ceiling.strict) as EvaluationClass[];
  return Object.fromEntries(names.map((name) => [name, { found: ap(result, name), perfect: ap(ceiling, name) }]));
}

/** `Car 70.1 of 100.0, …` */
export function formatAverages(averages: ModerateAverages): string {
  const list = Object.entries(averages).map(
    ([name, { found, perfect }]) => `${name} ${found.toFixed(1)} of ${perfect.toFixed(1)}`,
  );
  return list.join(", ");
}
