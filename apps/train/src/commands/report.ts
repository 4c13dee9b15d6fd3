import { Command } from "commander";
import { openDataSource } from "../frames/open-data-source.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { writeReport } from "../report/write-report.js";
import { openRunFolder } from "../runs/run-folder.js";
import { openInBrowser } from "../system/open-in-browser.js";
import { printResult } from "../system/print-result.js";
import { dataOption, jsonOption, MOST, splitOption, wholeNumber } from "./options.js";

interface ReportFlags {
  readonly data: string;
  readonly split: string;
  readonly out: string;
  readonly frames: number;
  readonly images: boolean;
  readonly open: boolean;
  readonly title?: string;
  readonly json: boolean;
}

const HELP = `
Example:
  eloss report runs/without runs/with --data KITTI --split val --out report.html

Shows the runs side by side: losses, AP of every class, entropies of the layers, precision-recall curves, and a 3D view of
a few scans with what \`eloss eval\` found in them, beside the camera's images. The file needs no network and no other file. AP
over the epochs is there if the runs were trained with --validate-every.`;

export function reportCommand(): Command {
  return new Command("report")
    .description("write what runs have to show as one HTML file")
    .argument("<run...>", "run folders that `eloss train` made")
    .addOption(dataOption())
    .addOption(splitOption("val", "frames to choose the scans of the 3D view from"))
    .option("--out <file>", "file to write", "report.html")
    .option("--frames <n>", "scans in the 3D view", wholeNumber(0, MOST.shownFrames), 4)
    .option("--no-images", "without the camera's images, which are most of a page where there are any")
    .option("--title <text>", "heading of the page")
    .option("--open", "show it in the browser", false)
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (runs: string[], { data, open, json, ...request }: ReportFlags) => {
      const reading = readRecipe(openRunFolder(runs[0]).config).data;
      const frames = await writeReport({ runs, data: openDataSource(data, { reading }), ...request });
      printResult(json, { file: request.out, runs, frames }, request.out);
      if (open) openInBrowser(request.out);
    });
}
