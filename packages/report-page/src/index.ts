export type { ConfigurationData, ConfiguredClass } from "./configuration-data.js";
export { configurationHtml } from "./configuration-html.js";
export { differencesSvg } from "./differences-svg.js";
export type {
  ExperimentData,
  ResultChart,
  ResultDifference,
  ResultDifferences,
  ResultSeries,
  ResultTable,
} from "./experiment-data.js";
export { experimentHtml } from "./experiment-html.js";
export type {
  ExplainedChannel,
  ExplainedLayer,
  ExplainedObject,
  ExplanationData,
  ExplanationMethod,
  LayerMap,
  PointWorth,
} from "./explanation-data.js";
export { explanationHtml } from "./explanation-html.js";
export type {
  ApMetric,
  ApResult,
  Band,
  ClassMeasures,
  ClassResults,
  ClassTables,
  DataDescription,
  EntropySeries,
  EvaluationResults,
  GroupAverage,
  LevelResults,
  ReportData,
  ReportRun,
  RunEvaluation,
  StepSeries,
  Validation,
} from "./report-data.js";
export { reportHtml } from "./report-html.js";
export type { ViewerBox, ViewerFrame, ViewerFrames, ViewerImage } from "./viewer-frame.js";
export { viewerHtml } from "./viewer-html.js";
