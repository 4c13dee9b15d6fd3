import { markdownTable } from "markdown-table";
import type {
  BenchReport,
  ComparedLatency,
  InferenceFigures,
  KernelFigures,
  KernelShare,
  Latency,
  LayerFigure,
  PytorchFigures,
  StepFigures,
} from "./report.js";
import { STAGES, STEP_STAGES } from "./report.js";

/** Share of a step below which a kernel gets no row of its own. */
const SMALLEST_SHARE = 0.001;

/** Share of the threads' single peaks that all of them reach together if nothing else runs. */
const BUSY = 0.75;

/** The whole report as Markdown. */
export function formatReport({ machine, limits, kernels, steps, inference }: BenchReport): string {
  const { processor, processors, threads, node, date } = machine;
  const layers = Object.entries(machine.layers).map(([layer, what]) => `${layer} (${what})`);
  const parts = [
    `${processor}, ${processors} processors, ${threadsText(threads)} in use, ${machine.clock} time; Node ${node}; ${date}\n` +
      `${layers.join(", ")}\n` +
      `most measured: ${[limits.one, limits.all]
        .map((limit) => `${threadsText(limit.threads)} ${digits(limit.gflops)} GFLOP/s, ${digits(limit.gbytes)} GB/s`)
        .join("; ")} (${limits.layer})`,
  ];
  if (limits.all.gflops < BUSY * limits.all.threads * limits.one.gflops) {
    parts.push(
      "The machine was busy: the limit of all threads is too low, so percentages and ratios look better than they are.",
    );
  }
  if (kernels.length > 0) parts.push(formatKernels(kernels));
  for (const step of steps) parts.push(formatStep(step));
  for (const pass of inference) parts.push(formatInference(pass));
  return `${parts.join("\n\n")}\n`;
}

/** One row per kernel; per layer its rate and the percentage of the limit on as many threads. */
export function formatKernels(kernels: readonly KernelFigures[]): string {
  const header = ["kernel", "unit", "threads", "native", "%", "goal", "wasm", "%", "goal", "typescript", "%"];
  const rows = kernels.map(({ name, unit, threads, goals, layers }) => [
    name,
    unit,
    String(threads),
    ...cells(layers.native),
    goals.native === undefined ? "" : String(goals.native),
    ...cells(layers.wasm),
    goals.wasm === undefined ? "" : String(goals.wasm),
    ...cells(layers.typescript),
  ]);
  return table([header, ...rows], "llr");
}

/** Stages, floor and kernels of one step. */
export function formatStep(step: StepFigures): string {
  const { config, entropyLoss, frames, voxels, milliseconds, watchedMilliseconds, stages, floor } = step;
  const title =
    `## ${config}, ${entropyLoss ? "with" : "without"} the Entropy Loss: ${digits(milliseconds)} ms\n` +
    `batch of ${frames.length} (${frames.join(", ")}), ${voxels} voxels; ${digits(step.processorMilliseconds)} ms on the processors; ` +
    `${(step.peakResidentBytes / 2 ** 30).toFixed(2)} GiB resident at most`;
  const loss =
    step.lossAdds &&
    `the loss adds ${percent(step.lossAdds.median)} % to a step, the median over ${step.lossAdds.count} pairs of steps with and ` +
      `without it (middle half ${percent(step.lossAdds.lower)} to ${percent(step.lossAdds.upper)} %)`;
  const bf16 =
    step.bf16 &&
    `with products of bfloat16 (--precision bf16) ${digits(step.bf16.milliseconds)} ms at best, ${step.bf16.share.median.toFixed(2)} of float32's time, the median ` +
      `over ${step.bf16.share.count} pairs of steps (middle half ${step.bf16.share.lower.toFixed(2)} to ${step.bf16.share.upper.toFixed(2)})`;
  const peer = step.pytorch && formatPytorch(step.pytorch, milliseconds, floor.threads);
  const stageTable = table(
    [
      ["stage", "ms", "% of the step", ""],
      ...STAGES.map((stage) => [
        stage,
        digits(stages[stage]),
        percent(stages[stage] / milliseconds),
        STEP_STAGES.includes(stage) ? "" : "not in the step: can be done for the next one meanwhile",
      ]),
    ],
    "lrrl",
  );
  const floorText =
    `floor on ${threadsText(floor.threads)}: ${digits(floor.multiplyAdds / 1e9)} G multiply-adds at ${digits(floor.gflops)} GFLOP/s ` +
    `${digits(floor.productMilliseconds)} ms + ${digits(floor.bytes / 1e9)} GB at ${digits(floor.gbytes)} GB/s ` +
    `${digits(floor.bandwidthMilliseconds)} ms; the step takes ${step.ratio.toFixed(2)} times as long`;
  const stock = step.hotStockKernels;
  const stockText =
    stock.length === 0 ? "no hot kernel on the stock backend" : `hot kernels on the stock backend: ${stock.join(", ")}`;
  const watched = `kernels of a watched step of ${digits(watchedMilliseconds)} ms; ${stockText}`;
  const kernelTable = formatShares(step.kernels, "% of the step");
  return [
    title,
    stageTable,
    floorText,
    ...(loss ? [loss] : []),
    ...(bf16 ? [bf16] : []),
    ...(peer ? [peer] : []),
    watched,
    kernelTable,
  ].join("\n\n");
}

/** A row for each way in which PyTorch took the step. */
function formatPytorch({ version, arms }: PytorchFigures, ours: number, threads: number): string {
  const rows = arms.map((arm) =>
    "failed" in arm
      ? [arm.name, `failed: ${arm.failed}`, "", "", ""]
      : [arm.name, arm.layout, digits(arm.milliseconds), digits(arm.median), (ours / arm.milliseconds).toFixed(2)],
  );
  const header = [
    `PyTorch ${version}, ${threadsText(threads)}`,
    "maps",
    "ms at best",
    "median",
    "ours takes, of its best",
  ];
  return table([header, ...rows], "llr");
}

/** Latency, floor, other arms and kernels of one detector's inference. */
export function formatInference(figures: InferenceFigures): string {
  const { config, part, frame, cells, latency, bf16, onnxruntime: peer, floor, ratio } = figures;
  const title = `## inference of ${config}, ${part}: ${timesText(latency)}\nframe ${frame}, ${cells} cells; ${latency.runs} runs`;
  const floorText =
    `floor on ${threadsText(floor.threads)}: ${digits(floor.multiplyAdds / 1e9)} G multiply-adds (${digits(floor.plainMultiplyAdds / 1e9)} G by plain ` +
    `sums) at ${digits(floor.gflops)} GFLOP/s + ${digits(floor.bytes / 1e9)} GB at ${digits(floor.gbytes)} GB/s: ${digits(floor.milliseconds)} ms; ` +
    `ours takes ${ratio.toFixed(2)} times as long at the median`;
  const bf16Text =
    bf16 &&
    `with products of bfloat16 (--precision bf16), in turn: ${timesText(bf16)}; ${shareText(bf16, latency, "float32's")}; ${differenceText(bf16)}`;
  const peerText =
    peer &&
    `ONNX Runtime ${peer.version}, ${threadsText(floor.threads)}, in turn: ${timesText(peer)}; ours takes ${shareText(latency, peer, "its")}` +
      `${bf16 ? `, in bfloat16 ${shareText(bf16, peer, "its")}` : ""}; ${differenceText(peer)}`;
  const watched = `kernels of a watched pass of ${digits(figures.watchedMilliseconds)} ms`;
  return [
    title,
    floorText,
    ...(bf16Text ? [bf16Text] : []),
    ...(peerText ? [peerText] : []),
    watched,
    formatShares(figures.kernels, "% of the pass"),
  ].join("\n\n");
}

const timesText = ({ p50, p99 }: Latency) => `${digits(p50)} ms at the median, ${digits(p99)} ms at p99`;
const shareText = (ours: Latency, other: Latency, whose: string) =>
  `${(ours.p50 / other.p50).toFixed(2)} of ${whose} median, ${(ours.p99 / other.p99).toFixed(2)} of ${whose} p99`;
const differenceText = ({ largestDifference }: ComparedLatency) =>
  `head maps within ${largestDifference.toExponential(0)} of their largest number`;

/** A row for each kernel with a share worth one. */
function formatShares(kernels: readonly KernelShare[], shareTitle: string): string {
  const rows = largeShares(kernels).map(({ name, calls, milliseconds, share, gflops, where }) => [
    name,
    String(calls),
    digits(milliseconds),
    percent(share),
    gflops > 0 ? digits(gflops) : "",
    where === "none" ? "" : where,
  ]);
  return table([["kernel", "calls", "ms", shareTitle, "GFLOP/s", "on"], ...rows], "lrrrrl");
}

const threadsText = (threads: number) => (threads === 1 ? "1 thread" : `${threads} threads`);

function cells(figure: LayerFigure | undefined): [string, string] {
  if (!figure || "skipped" in figure) return ["–", ""];
  return [digits(figure.rate), digits(figure.percent)];
}

/** Kernels with a share worth a row; the others as one. */
function largeShares(kernels: readonly KernelShare[]): KernelShare[] {
  const large = kernels.filter(({ share, where }) => share >= SMALLEST_SHARE || where === "none");
  const small = kernels.filter((kernel) => !large.includes(kernel));
  if (small.length === 0) return large;
  const sum = (of: (kernel: KernelShare) => number) => small.reduce((total, kernel) => total + of(kernel), 0);
  const rest: KernelShare = {
    name: `${small.length} others`,
    calls: sum(({ calls }) => calls),
    milliseconds: sum(({ milliseconds }) => milliseconds),
    share: sum(({ share }) => share),
    gflops: 0,
    where: "none",
  };
  return [...large.filter(({ where }) => where !== "none"), rest, ...large.filter(({ where }) => where === "none")];
}

/** Aligns as `align` says, one letter per column; the last letter holds for the columns after it. */
function table(rows: readonly (readonly string[])[], align: string): string {
  const letters = rows[0].map((_, i) => align[Math.min(i, align.length - 1)]);
  return markdownTable(rows, { align: letters });
}

/** Three digits, more only in front of the point. */
export function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

const percent = (share: number): string => (100 * share).toFixed(1);
