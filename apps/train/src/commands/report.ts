import { Command } from "commander";
import { openDataSource } from "../frames/open-data-source.js";
import { writeReport } from "../report/write-report.js";
import { openInBrowser } from "../system/open-in-browser.js";
import { wholeNumber } from "./options.js";

interface ReportFlags {
  readonly data: string;
  readonly split: string;
  readonly out: string;
  readonly frames: number;
  readonly open: boolean;
  readonly title?: string;
}

const HELP = `
Example:
  eloss report runs/without runs/with --data KITTI --split val --out report.html

Shows the runs side by side: losses, AP, entropies of the layers, precision-recall curves, and a 3D view of a few scans
with what \`eloss eval\` found in them. The file needs no network and no other file. AP over the epochs is there if the runs
were trained with --validate-every.`;

export function reportCommand(): Command {
  return new Command("report")
    .description("write what runs have to show as one HTML file")
    .argument("<run...>", "run folders that `eloss train` made")
    .requiredOption("--data <dir>", "KITTI root, for the scans of the 3D view")
    .option("--split <list>", "frames to choose those scans from, as in `eloss eval`", "val")
    .option("--out <file>", "file to write", "report.html")
    .option("--frames <n>", "scans in the 3D view", wholeNumber(0), 4)
    .option("--title <text>", "heading of the page")
    .option("--open", "show it in the browser", false)
    .addHelpText("after", HELP)
    .action(async (runs: string[], { data, open, ...request }: ReportFlags) => {
      await writeReport({ runs, data: openDataSource(data), ...request });
      process.stdout.write(`${request.out}\n`);
      if (open) openInBrowser(request.out);
    });
}
