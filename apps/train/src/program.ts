import { readFileSync } from "node:fs";
import { printable } from "checked-text";
import { Command } from "commander";
import { completionCommand } from "./commands/completion.js";
import { configCommand } from "./commands/config.js";
import { configureCommand } from "./commands/configure.js";
import { demoCommand } from "./commands/demo.js";
import { evalCommand } from "./commands/eval.js";
import { experimentCommand } from "./commands/experiment.js";
import { explainCommand } from "./commands/explain.js";
import { exportCommand } from "./commands/export.js";
import { importCommand } from "./commands/import.js";
import { inferCommand } from "./commands/infer.js";
import { prepareCommand } from "./commands/prepare.js";
import { pretrainCommand } from "./commands/pretrain.js";
import { queuedRunCommand } from "./commands/queued-run.js";
import { reportCommand } from "./commands/report.js";
import { trainCommand } from "./commands/train.js";
import { viewCommand } from "./commands/view.js";

const HELP = `
Environment:
  SIMD_KERNELS_THREADS   threads of the backend simd (default: one per core); the result is the same for any
  SIMD_KERNELS_LAYER     native, wasm or typescript instead of the fastest that loads
  SIMD_KERNELS_INSTRUCTION_SET   avx512bf16, avx512, avx2, sse2 or neon instead of the best of the processor, or amx
  MPI_COLLECTIVES_LIBRARY   the MPI library that train speaks by under mpirun and srun (default: the launcher's)
  ELOSS_TENSORFLOW       folder of the @tensorflow/tfjs-node that --backend tensorflow loads
  ELOSS_DEBUG            1 adds the stack to an error
  XDG_CACHE_HOME         where what prepare finds is kept if the data's folder cannot be written

Exit status: 0 done, 1 an error or frames left out, 2 wrong use, 130 interrupted.

First steps:
  eloss demo                                      simulated streets, two trainings, a report
  eloss infer --pretrained second-small --calib CALIB.txt SCAN.bin`;

/** Of the package, the same from src/ and from dist/. */
function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

/** The command line of `eloss`. */
export function elossProgram(): Command {
  const program = new Command("eloss")
    .description("Train and evaluate LiDAR 3D object detectors with the Entropy Loss.")
    .version(version(), "-V, --version", "print the version")
    .addCommand(configCommand())
    .addCommand(configureCommand())
    .addCommand(prepareCommand())
    .addCommand(trainCommand())
    .addCommand(evalCommand())
    .addCommand(inferCommand())
    .addCommand(importCommand())
    .addCommand(exportCommand())
    .addCommand(reportCommand())
    .addCommand(viewCommand())
    .addCommand(explainCommand())
    .addCommand(experimentCommand())
    .addCommand(pretrainCommand())
    .addCommand(demoCommand())
    .addCommand(queuedRunCommand(), { hidden: true })
    .addHelpText("after", HELP)
    .showHelpAfterError("(see --help)");
  program.addCommand(completionCommand(program));
  for (const command of [program, ...program.commands]) {
    // Arguments may come out of names of files, or out of files.
    command.configureOutput({ outputError: (text, write) => write(printable(shortened(text))) });
  }
  return program;
}

/** Characters of an error that are shown. */
const SHOWN = 1000;

function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…\n` : text;
}
