import type { ViewerFrame } from "./viewer-frame.js";

/** Everything that a report shows. */
export interface ReportData {
  readonly title: string;
  readonly data: DataDescription;
  /** when the report was made, ISO 8601 */
  readonly made: string;
  /** 1 to {@link MAX_RUNS} runs, shown side by side */
  readonly runs: readonly ReportRun[];
  /** scans for the 3D view, each with one list of detections for each run; may be empty */
  readonly frames: readonly ViewerFrame[];
}

/** As many runs as there are colours that can be told apart. */
export const MAX_RUNS = 6;

/** What the runs were trained and evaluated on, in words. */
export interface DataDescription {
  readonly name: string;
  /** known to be made by a simulation, and so no evidence about real traffic */
  readonly simulated: boolean;
  /** one or two sentences */
  readonly description: string;
}

/** One training run. */
export interface ReportRun {
  readonly name: string;
  readonly entropyLoss: boolean;
  readonly seed: number;
  /** seconds spent in training steps, all of them together */
  readonly trainingSeconds: number;
  /** mean total loss of the first and of the last epoch; absent before the first step */
  readonly firstEpochLoss?: number | undefined;
  readonly lastEpochLoss?: number | undefined;
  /** may be empty */
  readonly steps: StepSeries;
  /** entropies of the layers; absent if the run measured none */
  readonly entropy?: EntropySeries;
  /** evaluations during training, first to last; may be empty */
  readonly validations: readonly Validation[];
  readonly evaluation?: RunEvaluation;
  /** what else is worth knowing, as label and value: versions, backend, batch size */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** the resolved configuration, as YAML */
  readonly config: string;
}

/** Losses over training. A point may stand for several steps: then it is their mean. */
export interface StepSeries {
  /** [n] the last step of each point, ascending */
  readonly step: readonly number[];
  /** [n] epochs begun, 1 and up */
  readonly epoch: readonly number[];
  /** [n] values of each part, weighted; `total` is their sum */
  readonly losses: Readonly<Record<"total" | "cls" | "box" | "dir" | "entropy", readonly number[]>>;
}

/** Entropies of the tapped layers over training, in nats. */
export interface EntropySeries {
  /** [layers] in the order of the network; differences are taken only inside a block */
  readonly layers: readonly { readonly block: number; readonly tap: number }[];
  /** [m] the last step of each column, ascending */
  readonly step: readonly number[];
  /** [layers][m] mean over the steps of a column */
  readonly values: readonly (readonly number[])[];
  /** [layers] mean over the first and over the last epoch */
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** An evaluation during training. */
export interface Validation {
  readonly epoch: number;
  readonly step: number;
  /** absent where the data are not KITTI's */
  readonly results?: EvaluationResults;
  /** where they are not: percent by class and by measure, as in {@link GroupAverage} */
  readonly averages?: Readonly<Record<string, GroupAverage["ap"]>>;
}

/** The evaluation of a run. */
export interface RunEvaluation {
  /** what the frames are called */
  readonly split: string;
  readonly step: number;
  /** how many of the frames the run was trained on */
  readonly framesTrainedOn: number;
  /** absent where the data are not KITTI's */
  readonly results?: EvaluationResults;
  /** what a perfect detector would get on the same frames */
  readonly ceiling?: EvaluationResults;
  /** of every class of the configuration, for any data */
  readonly tables?: ClassTables;
  /** why numbers are missing or zero, in sentences */
  readonly reasons?: readonly string[];
}

/** Measures of every class, for any data: the shape of `kitti-eval`'s `DetectionEvaluation`. */
export interface ClassTables {
  readonly frames: number;
  readonly match: "overlap" | "centre";
  /** detections of at least this score count for recall, precision, errors and confusion */
  readonly score: number;
  readonly classes: readonly ClassMeasures[];
  /** detections of one class that lie on objects of another */
  readonly confusion: readonly { readonly detected: string; readonly object: string; readonly count: number }[];
}

/** Everything about one class; shares 0..1. */
export interface ClassMeasures {
  readonly name: string;
  readonly overlap: number;
  readonly objects: number;
  readonly all: GroupAverage;
  readonly byDistance: readonly (Band & GroupAverage)[];
  readonly byPoints: readonly (Band & GroupAverage)[];
  readonly recall: number | null;
  readonly precision: number | null;
  readonly falsePositivesPerFrame: number | null;
  /** means over the boxes that match: metres, degrees, and the share that is turned round; null without one */
  readonly errors: Readonly<
    Record<"centre" | "z" | "length" | "width" | "height" | "heading" | "flipped", number>
  > | null;
}

/** From and up to but without; null: without end. */
export interface Band {
  readonly from: number;
  readonly to: number | null;
}

/** Average precision of some objects. */
export interface GroupAverage {
  readonly objects: number;
  /** percent by name of the measure: `bev` and `3d`, or distances of centres; null without objects */
  readonly ap: Readonly<Record<string, number | null>>;
  /** of a perfect detector */
  readonly ceiling: number | null;
}

/** Official KITTI metrics by overlap rule, class, metric and level: the shape of `kitti-eval`'s `Evaluation`. */
export interface EvaluationResults {
  readonly frames: number;
  readonly strict: ClassResults;
  readonly loose: ClassResults;
}

/** `null` where no detection could be evaluated. */
export type ClassResults = Readonly<Record<string, Readonly<Partial<Record<ApMetric, LevelResults | null>>>>>;
export type ApMetric = "3d" | "bev" | "2d" | "aos";
export type LevelResults = Readonly<Record<"easy" | "moderate" | "hard", ApResult>>;

/** Average precision, percent. */
export interface ApResult {
  readonly r11: number;
  readonly r40: number;
  /** [41] precision 0..1 at recall 0, 1/40, ..., 1; not kept for evaluations during training */
  readonly curve?: readonly number[];
}
