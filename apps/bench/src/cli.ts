#!/usr/bin/env node
import { cpus } from "node:os";
import { Command, Option } from "commander";
import { type Layer, loadKernels } from "simd-kernels";
import { formatReport } from "./format-table.js";
import { runInference } from "./infer/run-inference.js";
import { allKernels } from "./kernels/all-kernels.js";
import { bestRates, describeLimits, openLimits } from "./machine-limits.js";
import type { Clock } from "./measure.js";
import {
  defaultThreads,
  openRecipes,
  parseArms,
  parseLayers,
  parseSeconds,
  parseThreads,
  resolveData,
} from "./options.js";
import type { BenchReport, Machine } from "./report.js";
import { runKernels } from "./run-kernels.js";
import { PYTORCH_ARMS } from "./step/pytorch-peer.js";
import { runSteps } from "./step/run-steps.js";

const PARTS = ["kernels", "step", "infer"] as const;
type Part = (typeof PARTS)[number];

interface Flags {
  readonly only?: Part;
  readonly kernel?: string;
  readonly layers: Layer[];
  readonly threads: number;
  readonly config?: string;
  readonly data?: string;
  readonly clock: Clock;
  readonly pytorch?: string;
  readonly precision: "float32" | "bf16";
  readonly arms: string[];
  readonly onnxruntime: boolean;
  readonly seconds: number;
  readonly quick: boolean;
  readonly json: boolean;
}

const HELP = `
Examples:
  pnpm bench                                         everything: some five minutes
  pnpm bench --only kernels --kernel conv2d --layers native
  pnpm bench --only step --config second-kitti --data KITTI
  pnpm bench --only step --pytorch python3           beside PyTorch on this machine (that Python needs torch)
  pnpm bench --only infer --onnxruntime              beside ONNX Runtime, in turn on the same weights and input
  pnpm bench --only infer --onnxruntime --precision bf16
  pnpm bench --json > bench.json

Kernels: one row each, with the rate on every layer and its percentage of what the machine can do on as many threads:
the peak of multiply-adds in registers for GFLOP/s, a copy of 64 MiB for GB/s (bytes read plus bytes written). That limit
is measured in turn with the kernel, the fastest run of each counts, so another busy process slows both. wasm and
typescript have one thread and are compared with one thread of the native layer, where there is one. "goal" is the
percentage to reach. A kernel bound by memory finds none of its arrays in a cache.

Step: a training step from a batch in memory to new weights, without and with the Entropy Loss, by stage and by kernel;
beside it the least it can take: its multiply-adds at the peak of all threads, plus the bytes it must move at the
bandwidth of a copy. Frames 000000 and 000010 of --data; simulated scenes where there is no data.

Inference: from columns (or, where the encoder is sparse, from its map) to head maps in memory, on the later of these frames with
untrained weights; half of the runs and 99 % of them took no longer than p50 and p99.

Progress goes to standard error, the report to standard output as Markdown. Close other programs first; where that
cannot be, --clock processor runs every kernel, and its limit, on one thread and counts the time it had a processor.`;

const program = new Command("bench")
  .description("How fast every kernel, a training step and inference run, beside what this machine can do.")
  .addOption(new Option("--only <part>", "one of the parts").choices([...PARTS]))
  .option("--kernel <text>", "only kernels whose row contains this text")
  .option("--layers <list>", "layers to measure", parseLayers, ["native", "wasm", "typescript"] as Layer[])
  .option("--threads <n>", "threads of the native layer", parseThreads, defaultThreads())
  .option(
    "--config <list>",
    "recipes to step and to run, built-in names or YAML files (default: second-mini,second-kitti to step; pointpillars-kitti,second-kitti to run)",
  )
  .option("--data <dir>", "KITTI folder with velodyne, calib, label_2 (default: ../shared/kitti-mini if it is there)")
  .addOption(
    new Option(
      "--clock <kind>",
      "of the kernels; `processor`: all on one thread, for where other programs cannot be stopped",
    )
      .choices(["wall", "processor"])
      .default("wall"),
  )
  .option("--pytorch <python>", "run the same steps in PyTorch too, with this Python")
  .addOption(
    new Option(
      "--precision <which>",
      "`bf16`: steps and inference with products of bfloat16, too, in turn with those of float32",
    )
      .choices(["float32", "bf16"])
      .default("float32"),
  )
  .option("--arms <list>", "ways in which PyTorch takes a step", parseArms, [...PYTORCH_ARMS])
  .option("--onnxruntime", "run the same inference in ONNX Runtime too", false)
  .option("--seconds <n>", "for the rounds of a step, at most; half of it for those of PyTorch", parseSeconds, 60)
  .option("--quick", "tiny kernels and a single step each: to see that everything runs, not how fast", false)
  .option("--json", "print one JSON document instead of tables", false)
  .addHelpText("after", HELP)
  .showHelpAfterError("(see --help)")
  .action(bench);

async function bench(flags: Flags): Promise<void> {
  const { quick, layers, clock, threads } = flags;
  const say = (what: string) => process.stderr.write(`${what}\n`);
  const data = resolveData(flags.data);
  const wants = (part: Part) => (flags.only ?? part) === part;
  const stepped = openRecipes(flags.config ?? "second-mini,second-kitti");
  const inferred = openRecipes(flags.config ?? "pointpillars-kitti,second-kitti");
  const forKernels = { threads: clock === "wall" ? threads : 1, quick, clock };
  say("the machine's limits");
  const limits = openLimits(forKernels);

  const benches = allKernels(quick ? (full) => Math.ceil(full / 16) : (full) => full);
  const chosen = benches.filter(({ name }) => name.includes(flags.kernel ?? ""));
  if (chosen.length === 0) throw new Error(`--kernel ${flags.kernel}: no row contains that text`);
  let row = 0;
  const onRow = (name: string) => say(`kernel ${++row}/${chosen.length}: ${name}`);
  const kernels = !wants("kernels") ? [] : runKernels(chosen, { ...forKernels, layers, limits, onRow });

  const onStep = (title: string) => say(`step: ${title}`);
  if (wants("step") || wants("infer")) say(data ? `frames of ${data}` : "no KITTI frames: simulated scenes");
  // Steps go by the wall clock, and so must what they are compared with.
  const rates = clock === "wall" ? bestRates(limits.all) : { threads, gflops: 0, gbytes: 0 };
  const { seconds, arms, pytorch: python, onnxruntime } = flags;
  const pytorch = python === undefined ? undefined : { python, arms };
  const common = { data, threads, quick, rates, bf16: flags.precision === "bf16" };
  const steps = wants("step") ? await runSteps({ ...common, recipes: stepped, pytorch, seconds, onStep }) : [];
  const onInference = (title: string) => say(`inference: ${title}`);
  const inference = wants("infer")
    ? await runInference({ ...common, recipes: inferred, onnxruntime, onInference })
    : [];

  const report: BenchReport = {
    machine: describeMachine(flags),
    limits: describeLimits(limits),
    kernels,
    steps,
    inference,
  };
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
}

function describeMachine({ layers, threads, quick, clock }: Flags): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: processors[0]?.model.trim() ?? "unknown processor",
    processors: processors.length,
    node: process.versions.node,
    threads,
    clock,
    layers: Object.fromEntries(layers.map((layer) => [layer, instructionSetOf(layer)])),
    quick,
  };
}

function instructionSetOf(layer: Layer): string {
  try {
    return loadKernels(layer).instructionSet;
  } catch (error) {
    return (error as Error).message;
  }
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
