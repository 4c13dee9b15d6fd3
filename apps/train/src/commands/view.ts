import { basename, resolve } from "node:path";
import { Command, Option } from "commander";
import type { BackendName } from "open-backend";
import type { DataReading } from "../frames/data-reading.js";
import { openDataSource } from "../frames/open-data-source.js";
import { describeCheckpoint, openTrainedDetector } from "../inference/open-detector.js";
import { openRecipeIfNamed, readRecipe } from "../recipe/open-recipe.js";
import { detectorBoxes, resultFolder, type ViewRequest, viewPage } from "../report/view-page.js";
import { openRunFolder } from "../runs/run-folder.js";
import { sweepTemporariesOf, writeFileAtomic } from "../system/atomic-write.js";
import { openInBrowser } from "../system/open-in-browser.js";
import { printResult } from "../system/print-result.js";
import { servePage } from "../system/serve-page.js";
import { startBackend } from "../system/start-backend.js";
import { backendOption, jsonOption, MOST, setOption, wholeNumber } from "./options.js";
import { requireWritable } from "./require-writable.js";

interface ViewFlags {
  readonly config?: string;
  readonly set: readonly string[];
  readonly predictions?: string;
  readonly run?: string;
  readonly split: "training" | "testing";
  readonly full: boolean;
  readonly images: boolean;
  readonly out: string;
  readonly serve: boolean;
  readonly port: number;
  readonly open: boolean;
  readonly backend: BackendName;
  readonly json: boolean;
}

const HELP = `
Examples:
  eloss view KITTI 000008 --out frame.html
  eloss view KITTI 000008 000010 --run runs/with --serve
  eloss view KITTI 000008 --predictions runs/with/predictions/val --open

A box that is picked in the scan, in the image or in the table lights up in all. The page holds its data and script and needs no network. --serve shows it on this machine alone (127.0.0.1) until Ctrl-C.`;

export function viewCommand(): Command {
  const split = new Option("--split <part>", "part of the dataset that the frames are in");
  const predictions = new Option("--predictions <dir>", "folder of KITTI result files, to show with the labels");
  return new Command("view")
    .description("show frames in 3D, with image, labels and detections, as one HTML file or on a local address")
    .argument("<data>", "KITTI root, with training/velodyne or velodyne in it; or scans of one's own: points, labels")
    .argument("<frame...>", "frame names, such as 000008")
    .addOption(split.choices(["training", "testing"]).default("training"))
    .addOption(predictions.conflicts("run"))
    .option("--run <dir>", "run folder that `eloss train` made, to show what it finds")
    .addOption(
      new Option("--config <recipe>", "recipe whose `data` says how the files are to be read").conflicts("run"),
    )
    .addOption(setOption().conflicts("run"))
    .option("--full", "all points of the scan, not only those that the camera sees", false)
    .option("--no-images", "without the camera's images, which are most of a page where there are any")
    .option("--out <file>", "file to write", "view.html")
    .addOption(new Option("--serve", "serve the page instead of writing it").default(false).conflicts("out"))
    .option("--port <n>", "where to serve it; 0: any free port", wholeNumber(0, MOST.port), 0)
    .option("--open", "show it in the browser", false)
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (data: string, frames: string[], flags: ViewFlags) => {
      if (!flags.serve) requireWritable(flags.out);
      const reading = readingOf(flags);
      const source = openDataSource(data, { half: flags.split, reading });
      const page = await pageOf({ data: source, frames, full: flags.full, images: flags.images }, flags);
      if (flags.serve) return await serve(page, frames, flags);
      sweepTemporariesOf(flags.out);
      writeFileAtomic(flags.out, page);
      printResult(flags.json, { file: flags.out, frames }, flags.out);
      if (flags.open) openInBrowser(flags.out);
    });
}

/** How the frames are read: as the run was trained, or as a recipe says. */
function readingOf({ run, config, set }: ViewFlags): DataReading | undefined {
  if (run !== undefined) return readRecipe(openRunFolder(run).config).data;
  return openRecipeIfNamed(config, "--config", set)?.data;
}

async function pageOf(
  request: Omit<ViewRequest, "sources">,
  { run, predictions, backend }: ViewFlags,
): Promise<string> {
  if (run === undefined) {
    return await viewPage({ ...request, sources: predictions === undefined ? [] : [resultFolder(predictions)] });
  }
  const folder = openRunFolder(run);
  await startBackend(backend, readRecipe(folder.config).precision);
  const opened = openTrainedDetector(folder);
  const { detector } = opened;
  process.stderr.write(`${describeCheckpoint(opened)}\n`);
  try {
    return await viewPage({ ...request, sources: [detectorBoxes(detector, basename(resolve(run)))] });
  } finally {
    detector.network.dispose();
  }
}

/** Until Ctrl-C. */
async function serve(page: string, frames: readonly string[], { port, open, json }: ViewFlags): Promise<void> {
  const { url, close } = await servePage(page, port);
  printResult(json, { url, frames }, url);
  process.stderr.write("Ctrl-C ends it\n");
  if (open) openInBrowser(url);
  await new Promise<void>((ended) => {
    process.once("SIGINT", ended);
    process.once("SIGTERM", ended);
  });
  await close();
}
