import { availableParallelism } from "node:os";
import { Command, Option } from "commander";
import { SIZES } from "../experiment/arms.js";
import { STANDARD } from "../experiment/experiment.js";
import { experiments } from "../experiment/experiments.js";
import { WrongUse } from "../system/command-error.js";
import { owningFolder } from "../system/folder-owner.js";
import { listenForStop } from "../system/stop-signal.js";
import type { ExperimentFlags } from "./experiment-flags.js";
import { backendOption, jsonOption, MOST, precisionOption, shareBelowOne, wholeNumber } from "./options.js";
import { cancelOnSlurm, printCommands, runExperiment, runOnSlurm } from "./run-experiment.js";

const HELP = `
Experiments:
${experiments.map(({ name, question }) => `  ${name.padEnd(14)} ${question}`).join("\n")}

Without --data simulated streets are made and used: enough to see what the loss does, no evidence about real traffic.
Runs are kept in OUT/runs and shared by the experiments: the same arm and seed is trained once. Ctrl-C stops after the
step; the same command goes on, also after a crash. One experiment at a time works in OUT; a run that eloss train is making
elsewhere is waited for. OUT/NAME holds results.json, index.html and
drawings as SVG.

Examples:
  eloss experiment table --seeds 3 --epochs 6
  eloss experiment replication --parallel 1 --merge /mnt/other/experiments
  eloss experiment replication --budget 90 --merge docs/results/replication.json
  eloss experiment table --data KITTI --size kitti --seeds 5 --backend tensorflow --parallel 1
  eloss experiment table --slurm --partition gpu --time 4:00:00 --cpus 8 --at-once 16
  eloss experiment l1-l2 --print          one command per run, for another scheduler; then the same without --print

--slurm submits the runs as a job array and one more job that tabulates after them, and shows their progress. Ctrl-C only looks away: the
jobs go on, and the same command looks at them again, or submits what has been interrupted; --slurm --cancel ends them, each with a
checkpoint. A run that is preempted, or whose time is up, goes back into the queue and goes on from its checkpoint.
`;

export function experimentCommand(): Command {
  return new Command("experiment")
    .description("test a claim of the paper over several seeds: make the runs, or go on with them, and tabulate")
    .argument("<name>", `one of ${experiments.map(({ name }) => name).join(", ")}`)
    .option("--data <dir>", "KITTI root with ImageSets/train.txt and val.txt (default: simulated streets in OUT/data)")
    .option("--out <dir>", "folder of all experiments", "runs/experiments")
    .option(
      "--merge <path...>",
      "take finished runs from other machines, too: their folders OUT, or a results.json, which has each run in numbers",
      [],
    )
    .option("--run <dir...>", "unusual-input: look at these runs, too", [])
    .option("--other-data <dir>", "unusual-input: corrupt all frames of this data set, too")
    .addOption(new Option("--size <size>", `size of the networks (default: ${STANDARD.size})`).choices([...SIZES]))
    .option(
      "--seeds <n>",
      `runs of each arm, with seeds 0 to n − 1 (default: the experiment's, or ${STANDARD.seeds})`,
      wholeNumber(1, MOST.runs),
    )
    .option(
      "--train-frames <n>",
      `without --data: frames to train on (default: the experiment's, or ${STANDARD.trainFrames})`,
      wholeNumber(1, MOST.frames),
    )
    .option(
      "--val-frames <n>",
      `without --data: frames to evaluate on (default: the experiment's, or ${STANDARD.valFrames})`,
      wholeNumber(1, MOST.frames),
    )
    .option(
      "--epochs <n>",
      "passes over the frames (default: the experiment's, or the recipe's)",
      wholeNumber(1, MOST.epochs),
    )
    .option(
      "--ema <decay>",
      "keep a running average of the weights (default: the experiment's, or none)",
      shareBelowOne,
    )
    .addOption(backendOption())
    .addOption(precisionOption("float32"))
    .option(
      "--parallel <n>",
      "runs at a time; they share the processors",
      wholeNumber(1, MOST.workers),
      availableParallelism(),
    )
    .option(
      "--budget <minutes>",
      "start no run later than this; what is missing is shown as missing",
      wholeNumber(0, MOST.minutes),
    )
    .option("--retry", "try failed runs again", false)
    .option("--print", "print the command of each run that is not finished, and make none", false)
    .addOption(
      new Option("--slurm", "submit the runs to Slurm, or look at those submitted").default(false).conflicts("print"),
    )
    .option("--cancel", "with --slurm: end the jobs of the experiment", false)
    .option("--partition <name>", "with --slurm: where the runs are queued")
    .option("--time <limit>", "with --slurm: most time of a run at once, as sbatch takes it")
    .option("--cpus <n>", "with --slurm: processors of a run", wholeNumber(1, MOST.workers))
    .option("--at-once <n>", "with --slurm: runs at a time", wholeNumber(1, MOST.runs))
    .addOption(
      new Option("--sbatch <option>", "with --slurm: any option of sbatch, such as --account=mine; more than once")
        .argParser((option: string, before: readonly string[]) => [...before, option])
        .default([], "none"),
    )
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (name: string, flags: ExperimentFlags) => {
      const message = flags.slurm
        ? "looking away; the jobs go on, and the same command looks at them again"
        : "stopping the runs after their step (Ctrl-C again: end at once)";
      const stop = listenForStop(message);
      try {
        process.exitCode = await commandFor(flags)(name, flags, stop);
      } finally {
        stop.release();
      }
    });
}

function commandFor({ slurm, cancel, print }: ExperimentFlags): typeof runExperiment {
  if (cancel && !slurm) throw new WrongUse("--cancel: expected --slurm with it; Ctrl-C ends runs of this machine");
  if (slurm) return cancel ? cancelOnSlurm : runOnSlurm;
  if (print) return printCommands;
  return (name, flags, stop) => owningFolder(flags.out, () => runExperiment(name, flags, stop));
}
