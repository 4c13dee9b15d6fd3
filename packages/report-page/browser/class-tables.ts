import type { ClassMeasures, ClassTables, GroupAverage, ReportRun } from "../src/report-data.js";
import { percent } from "./classes.js";
import { element, select } from "./dom.js";
import { runSwatch } from "./run-colours.js";

/** A run that was evaluated class by class, and its place among all runs, which decides its colour. */
interface Evaluated {
  readonly name: string;
  readonly index: number;
  readonly tables: ClassTables;
}

/** A table: names of its columns, and the cells of a class in a run. */
interface Layout {
  readonly label: string;
  readonly heads: readonly string[];
  readonly cells: (of: ClassMeasures, tables: ClassTables) => readonly string[];
}

/** Runs with measures of every class. */
export function evaluatedByClass(runs: readonly ReportRun[]): Evaluated[] {
  return runs.flatMap(({ name, evaluation }, index) =>
    evaluation?.tables === undefined ? [] : [{ name, index, tables: evaluation.tables }],
  );
}

/** All that is measured of every class: precision, errors of the boxes, groups by distance and points, confusion. */
export function classTables(runs: readonly ReportRun[]): HTMLElement {
  const evaluated = evaluatedByClass(runs);
  const reasons = new Set(runs.flatMap(({ evaluation }) => evaluation?.reasons ?? []));
  const made = element("div", {}, element("h3", {}, "At the end"), classTable(evaluated, precisionLayout(evaluated)));
  made.append(element("h3", {}, "Groups of objects"), groupTable(evaluated));
  made.append(element("h3", {}, "Mean errors of the boxes that match"), classTable(evaluated, ERRORS));
  made.append(element("h3", {}, "Taken for another class"), confusionTable(evaluated));
  if (reasons.size > 0) {
    made.append(element("h3", {}, "Why cells are empty or zero"));
    made.append(element("ul", { class: "reasons" }, ...[...reasons].map((reason) => element("li", {}, reason))));
  }
  return made;
}

const share = (value: number | null): string => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);
const fixed = (value: number | null | undefined, digits: number): string => value?.toFixed(digits) ?? "–";

/** What an average precision is called in the tables: `BEV`, `3D`, `1 m`. */
export const measureName = (measure: string): string => (measure.endsWith("m") ? measure : measure.toUpperCase());

/** The measures of the runs, by their names in `ap`. */
export function measuresOf(evaluated: readonly Evaluated[]): string[] {
  return [...new Set(evaluated.flatMap(({ tables }) => tables.classes.flatMap(({ all }) => Object.keys(all.ap))))];
}

function precisionLayout(evaluated: readonly Evaluated[]): Layout {
  const measures = measuresOf(evaluated);
  return {
    label: "Every class",
    heads: [
      "Objects",
      ...measures.map((each) => `AP ${measureName(each)}`),
      "Possible",
      "Recall",
      "Precision",
      "False a frame",
    ],
    cells: ({ objects, all, recall, precision, falsePositivesPerFrame }) => [
      String(objects),
      ...measures.map((each) => percent(all.ap[each])),
      percent(all.ceiling),
      share(recall),
      share(precision),
      fixed(falsePositivesPerFrame, 2),
    ],
  };
}

const ERRORS: Layout = {
  label: "Errors of the boxes",
  heads: ["Centre, m", "z, m", "Length, m", "Width, m", "Height, m", "Heading, °", "Turned round"],
  cells: ({ errors }) =>
    errors === null
      ? Array(7).fill("–")
      : [
          ...[errors.centre, errors.z, errors.length, errors.width, errors.height].map((value) => fixed(value, 2)),
          fixed(errors.heading, 1),
          share(errors.flipped),
        ],
};

/** Average precision of the objects of each band of distance, or of points. */
function groupTable(evaluated: readonly Evaluated[]): HTMLElement {
  const place = element("div", {});
  const measures = measuresOf(evaluated);
  let [by, measure]: ["byDistance" | "byPoints", string] = ["byDistance", measures.at(-1) ?? "3d"];
  const show = () => place.replaceChildren(classTable(evaluated, groupLayout(evaluated, by, measure)));
  show();
  const kinds = [
    ["byDistance", "distance"],
    ["byPoints", "points in the object"],
  ] as const;
  const controls = element(
    "div",
    { class: "controls" },
    select("By", kinds, (kind) => {
      by = kind;
      show();
    }),
    select(
      "AP",
      [...measures].reverse().map((each) => [each, measureName(each)] as const),
      (each) => {
        measure = each;
        show();
      },
    ),
  );
  return element("div", {}, controls, place);
}

function groupLayout(evaluated: readonly Evaluated[], by: "byDistance" | "byPoints", measure: string): Layout {
  const unit = by === "byDistance" ? " m" : " points";
  const bands = evaluated[0].tables.classes[0]?.[by] ?? [];
  const cell = (group: GroupAverage | undefined) => {
    if (group === undefined || group.objects === 0) return "–";
    const noun = group.objects === 1 ? "object" : "objects";
    return `${percent(group.ap[measure])} (${group.objects} ${noun})`;
  };
  return {
    label: "Groups of objects",
    heads: bands.map(({ from, to }) => (to === null ? `from ${from}${unit}` : `${from} to ${bandEnd(by, to)}${unit}`)),
    cells: (of) => bands.map((band) => cell(of[by].find(({ from, to }) => from === band.from && to === band.to))),
  };
}

/** Points are whole numbers: a band up to but without 11 ends at 10. */
const bandEnd = (by: "byDistance" | "byPoints", to: number): number => (by === "byPoints" ? to - 1 : to);

/** Classes down, the runs of each below it, columns across. */
function classTable(evaluated: readonly Evaluated[], { label, heads, cells }: Layout): HTMLElement {
  const names = [...new Set(evaluated.flatMap(({ tables }) => tables.classes.map(({ name }) => name)))];
  const bodies = names.map((name) => {
    const overlaps = new Set<string>();
    const rows = evaluated.flatMap(({ name: run, index, tables }) => {
      const of = tables.classes.find((each) => each.name === name);
      if (of === undefined) return [];
      overlaps.add(tables.match === "overlap" ? `overlap ${of.overlap}` : "distance of centres");
      const head = element("th", { scope: "row", class: "name" }, runSwatch(index), run);
      return [element("tr", {}, head, ...cells(of, tables).map((text) => element("td", {}, text)))];
    });
    const rule = element("span", { class: "counts" }, ` ${[...overlaps].join(", ")}`);
    const title = element("th", { colspan: heads.length + 1, scope: "rowgroup" }, name, rule);
    return element("tbody", {}, element("tr", { class: "group" }, title), ...rows);
  });
  const head = ["Class, run", ...heads].map((text, i) =>
    element("th", { scope: "col", ...(i === 0 && { class: "name" }) }, text),
  );
  const table = element("table", { class: "ap" }, element("thead", {}, element("tr", {}, ...head)), ...bodies);
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
}

/** What detections of one class lie on. */
function confusionTable(evaluated: readonly Evaluated[]): HTMLElement {
  const rows = evaluated.flatMap(({ name, index, tables }) =>
    tables.confusion.map(({ detected, object, count }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row", class: "name" }, runSwatch(index), name),
        element("td", { class: "name" }, detected),
        element("td", { class: "name" }, object),
        element("td", {}, String(count)),
      ),
    ),
  );
  if (rows.length === 0) return element("p", { class: "note" }, "No detection lies on an object of another class.");
  const heads = ["Run", "Detected as", "Is a", "Times"].map((text, i) =>
    element("th", { scope: "col", ...(i < 3 && { class: "name" }) }, text),
  );
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Confusion" }, table);
}
