import { readFileSync } from "node:fs";
import { type Command, CommanderError } from "commander";
import { elossProgram } from "eloss/inputs";
import { main as kittiEval } from "../../../../packages/kitti-eval/src/main.js";
import { main as kittiSim } from "../../../../packages/kitti-sim/src/main.js";
import { Refusal, type Target } from "../target.js";
import { runCommand } from "./run-command.js";

/** A command line is a file with an argument a line. */
const lines = (text: string) => text.trim().split(/\s+/).join("\n");
const argumentsIn = (path: string) => readFileSync(path, "utf8").split("\n");

/** Reads a command line of `eloss` without doing what it asks for. @throws Refusal with what it says if it is refused */
async function parseEloss(argv: readonly string[]): Promise<void> {
  let said = "";
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({
      writeOut: () => {},
      writeErr: (text) => {
        said += text;
      },
    });
    return command;
  };
  const program = quiet(elossProgram());
  for (const command of program.commands) quiet(command).action(() => {});
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Without a command it shows its help.
    if (error.exitCode !== 0 && error.code !== "commander.help") throw new Refusal(said || error.message);
  }
}

/** Options and arguments of every command. */
export const commandLines: readonly Target[] = [
  {
    name: "eloss",
    file: "arguments.txt",
    namesFile: false,
    seeds: () =>
      [
        "prepare data --split all --workers 2 --cache cache --json",
        "train --data data --config second-mini --seed 1 --epochs 2 --batch-size 2 --workers 1 --validate-every 1 --out run",
        "eval --run run --data data --split val --backend simd --seed 0",
        "infer --run run --data data --split all --warm-up 3 --repeat 2 --out found",
        "infer --untrained second-mini --data data --seed 3",
        "import --weights w.safetensors --config second-kitti --out run",
        "export --run run --weights average --onnx file.onnx",
        "report run --data data --split val --frames 4 --title Title --out report.html",
        "view data 000000 000001 --run run --serve --port 8000",
        "explain --pretrained second-small --data data 000000 --object 1 --draws 20 --seconds 3 --out page.html",
        "experiment table --data data --seeds 3 --epochs 4 --parallel 2 --budget 60 --size mini",
        "demo --train 10 --val 5 --epochs 2 --seed 0 --backend cpu",
      ].map(lines),
    read: (path) => parseEloss(argumentsIn(path)),
  },
  {
    name: "kitti-eval",
    file: "arguments.txt",
    namesFile: false,
    seeds: () => ["--json --ceiling --class car,cyclist labels results --help"].map(lines),
    read: (path) => runCommand(kittiEval, argumentsIn(path)),
  },
  {
    name: "kitti-sim",
    file: "arguments.txt",
    namesFile: false,
    seeds: () => ["streets --train 20 --val 5 --seed 3 --workers 2 --field camera --json"].map(lines),
    read: (path) => runCommand(kittiSim, argumentsIn(path)),
  },
];
