import type { PackedBox } from "../src/viewer-frame.js";
import type { ColourBy } from "./scene/point-colours.js";
import type { ShownFrame } from "./viewer-panel.js";

/** What a view shows. */
export interface ViewState {
  frame: number;
  truth: boolean;
  readonly sources: boolean[];
  /** classes that are switched off */
  readonly hidden: Set<string>;
  threshold: number;
  colourBy: ColourBy;
  boxesBy: "class" | "source";
  picked: PackedBox | null;
}

/** What a page calls the labelled objects. */
export const LABELS = "labels";

/** `3 labels`, `1 label`, `3 NAME` */
export function counted(count: number, name: string): string {
  return `${count} ${count === 1 && name === LABELS ? "label" : name}`;
}

/** Boxes of one source: the labels, or what one detector found. */
export interface SourceBoxes {
  readonly name: string;
  /** labels are drawn dashed */
  readonly isTruth: boolean;
  readonly colour: string;
  readonly boxes: readonly PackedBox[];
}

/** On the dark ground of the views; of each run the colour that the page has for it, lighter. */
export const TRUTH_COLOUR = "#ffffff";
const SOURCE_COLOURS = ["#5cb0ff", "#ff9a4d", "#4fd6a4", "#e59bff", "#ffd84d", "#ff8fa3"];
export const sourceColour = (source: number): string => SOURCE_COLOURS[source % SOURCE_COLOURS.length];

/** The lists of boxes that are switched on, detections above the threshold only; of every class. */
export function switchedOn(
  { truth, detections }: ShownFrame,
  sources: readonly string[],
  { truth: labels, sources: on, threshold }: ViewState,
): SourceBoxes[] {
  const scored = (boxes: readonly PackedBox[]) => boxes.filter(({ score }) => score === null || score >= threshold);
  return [
    ...(labels && truth !== null ? [{ name: LABELS, isTruth: true, colour: TRUTH_COLOUR, boxes: truth }] : []),
    ...sources.flatMap((name, i) =>
      on[i] ? [{ name, isTruth: false, colour: sourceColour(i), boxes: scored(detections[i]) }] : [],
    ),
  ];
}

/** The same without the classes that are switched off. */
export function withoutHidden(lists: readonly SourceBoxes[], hidden: ReadonlySet<string>): SourceBoxes[] {
  return lists.map((list) => ({ ...list, boxes: list.boxes.filter(({ type }) => !hidden.has(type)) }));
}
