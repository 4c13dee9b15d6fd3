import type { ExperimentData } from "./experiment-data.js";
import { htmlPage } from "./html-page.js";

/**
 * The page of an experiment as one HTML file that needs no network.
 * @throws RangeError for a row with another number of cells than its table has columns
 */
export function experimentHtml(experiment: ExperimentData): string {
  for (const { title, columns, rows } of experiment.tables) {
    for (const row of rows) {
      if (row.length === columns.length) continue;
      throw new RangeError(
        `experimentHtml: expected ${columns.length} cells in a row of "${title}", got ${row.length}`,
      );
    }
  }
  return htmlPage({ title: experiment.title, script: "experiment", data: experiment });
}
