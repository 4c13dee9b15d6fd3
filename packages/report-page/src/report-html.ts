import { htmlPage } from "./html-page.js";
import { packFrame } from "./pack-frame.js";
import type { ReportPageData } from "./page-data.js";
import { MAX_RUNS, type ReportData, type ReportRun } from "./report-data.js";

/**
 * A report of training runs as one HTML file that needs no network.
 * @throws RangeError if sizes disagree, naming the run or the frame
 */
export function reportHtml(report: ReportData): string {
  const { runs, frames } = report;
  if (runs.length < 1 || runs.length > MAX_RUNS) {
    throw new RangeError(`reportHtml: expected 1 to ${MAX_RUNS} for runs, got ${runs.length}`);
  }
  for (const run of runs) checkRun(run);
  const data: ReportPageData = { ...report, frames: frames.map((frame) => packFrame(frame, runs.length)) };
  return htmlPage({ title: report.title, script: "report", data });
}

function checkRun({ name, steps, entropy, evaluation }: ReportRun): void {
  const points = steps.step.length;
  requireLength(`${name}: epochs`, steps.epoch, points);
  for (const [part, values] of Object.entries(steps.losses)) requireLength(`${name}: ${part} losses`, values, points);
  if (entropy !== undefined) {
    requireLength(`${name}: rows of entropies`, entropy.values, entropy.layers.length);
    requireLength(`${name}: first entropies`, entropy.first, entropy.layers.length);
    requireLength(`${name}: last entropies`, entropy.last, entropy.layers.length);
    for (const row of entropy.values) requireLength(`${name}: entropies of a layer`, row, entropy.step.length);
  }
  for (const classes of evaluation?.results === undefined
    ? []
    : [evaluation.results.strict, evaluation.results.loose]) {
    for (const metrics of Object.values(classes)) {
      for (const levels of Object.values(metrics)) {
        for (const { curve } of Object.values(levels ?? {})) {
          if (curve !== undefined) requireLength(`${name}: points of a precision curve`, curve, 41);
        }
      }
    }
  }
}

function requireLength(what: string, values: readonly unknown[], expected: number): void {
  if (values.length !== expected) {
    throw new RangeError(`reportHtml: expected ${expected} for ${what}, got ${values.length}`);
  }
}
