export type { ExperimentData, ResultChart, ResultSeries, ResultTable } from "./experiment-data.js";
export { experimentHtml } from "./experiment-html.js";
export {
  type ApMetric,
  type ApResult,
  type ClassResults,
  type DataDescription,
  type EntropySeries,
  type EvaluationResults,
  type LevelResults,
  MAX_RUNS,
  type ReportData,
  type ReportRun,
  type RunEvaluation,
  type StepSeries,
  type Validation,
} from "./report-data.js";
export { reportHtml } from "./report-html.js";
export type { ViewerBox, ViewerFrame, ViewerFrames } from "./viewer-frame.js";
export { viewerHtml } from "./viewer-html.js";
