import { printable } from "checked-text";
import { Command } from "commander";
import { configureCommand } from "./commands/configure.js";
import { demoCommand } from "./commands/demo.js";
import { evalCommand } from "./commands/eval.js";
import { experimentCommand } from "./commands/experiment.js";
import { importCommand } from "./commands/import.js";
import { inferCommand } from "./commands/infer.js";
import { prepareCommand } from "./commands/prepare.js";
import { pretrainCommand } from "./commands/pretrain.js";
import { queuedRunCommand } from "./commands/queued-run.js";
import { reportCommand } from "./commands/report.js";
import { trainCommand } from "./commands/train.js";
import { viewCommand } from "./commands/view.js";

/** The command line of `eloss`. */
export function elossProgram(): Command {
  const program = new Command("eloss")
    .description("Train and evaluate LiDAR 3D object detectors with the Entropy Loss.")
    .addCommand(configureCommand())
    .addCommand(prepareCommand())
    .addCommand(trainCommand())
    .addCommand(evalCommand())
    .addCommand(inferCommand())
    .addCommand(importCommand())
    .addCommand(reportCommand())
    .addCommand(viewCommand())
    .addCommand(experimentCommand())
    .addCommand(pretrainCommand())
    .addCommand(demoCommand())
    .addCommand(queuedRunCommand(), { hidden: true })
    .showHelpAfterError("(see --help)");
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
