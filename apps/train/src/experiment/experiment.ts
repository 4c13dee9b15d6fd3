import type { ResultChart, ResultDifferences, ResultTable } from "report-page";
import type { Recipe } from "../recipe/recipe-schema.js";
import type { Arm, ExperimentSize, Model } from "./arms.js";
import type { ExperimentSetup, PlannedRun } from "./planned-run.js";
import type { ResampledRun } from "./replicated-runs.js";

/** A question, the runs that answer it, how they are measured and what the paper says about it. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  /** What the paper or its authors' logs report, with the source; "not available" where nothing is known. */
  readonly paper: string;
  /** What it asks for where the command line says nothing. */
  readonly standard?: Partial<ExperimentScale>;
  /** Whether it looks into the folders of finished runs: what results of other machines say of them is too little. */
  readonly needsFolders?: boolean;
  /** Whether it looks at detectors and data that the command line names beside its own. */
  readonly probes?: boolean;
  /** The runs to make; none where the experiment measures something else. */
  readonly arms: (bases: Bases) => readonly Arm[];
  /** What came out, from the runs as far as they have come and from what the experiment measures itself. */
  readonly findings: (job: FindingsJob) => Findings | Promise<Findings>;
}

/** How large an experiment is. */
export interface ExperimentScale {
  readonly size: ExperimentSize;
  /** of each arm: 0 to seeds − 1, but for arms that have fewer */
  readonly seeds: number;
  /** simulated frames to train on, where no data are given */
  readonly trainFrames: number;
  /** simulated frames to evaluate on */
  readonly valFrames: number;
  /** passes over the frames; left out: as the recipes have it */
  readonly epochs?: number | undefined;
  /** share of the weights' running average that stays after a step; left out: no average */
  readonly ema?: number | undefined;
  /** of the simulated world, where no data are given */
  readonly world: number;
}

/** What experiments ask for unless they or the command line say otherwise. */
export const STANDARD: ExperimentScale = { size: "small", seeds: 5, trainFrames: 150, valFrames: 50, world: 0 };

/** The models that there are at the size of an experiment, and their recipes. */
export interface Bases {
  /** that see scans alone */
  readonly models: readonly Model[];
  /** with a camera */
  readonly cameraModels: readonly Model[];
  readonly recipe: (model: Model) => Recipe;
}

/** What an experiment is analysed from. */
export interface FindingsJob {
  readonly arms: readonly Arm[];
  readonly runs: readonly PlannedRun[];
  readonly setup: ExperimentSetup;
  readonly bases: Bases;
  /** what the command line names for an experiment that probes */
  readonly probed: Probed;
  readonly signal: AbortSignal;
}

/** What an experiment looks at beside its own runs and data. */
export interface Probed {
  /** folders of runs */
  readonly runs: readonly string[];
  /** another data set */
  readonly otherData?: string | undefined;
}

/** What an experiment has found. */
export interface Findings {
  /** in a sentence, if the experiment was planned to give one */
  readonly answer?: string;
  /** what is looked at first, if it compares runs by pairs */
  readonly differences?: readonly ResultDifferences[];
  readonly charts: readonly ResultChart[];
  readonly tables: readonly ResultTable[];
  /** runs evaluated on draws of frames, if it looks at such */
  readonly resampled?: readonly ResampledRun[];
}
