import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDataSource, type Recipe } from "eloss/step";
import { writeSimulatedDataset } from "kitti-sim";
import { buildAnchors } from "second-detector";
import type { StepFigures } from "../report.js";
import { makeBatch, readFrames } from "./batch-stages.js";
import { runPytorch } from "./pytorch-peer.js";
import type { StepJob } from "./step-job.js";

/** A step at full size takes one frame, others two. */
const FRAMES = ["000000", "000010"] as const;
const batchSizeOf = ({ name }: Recipe) => (name === "second-kitti" ? 1 : 2);

/** Where the step's frames come from, and what to run. */
export interface StepRunOptions extends Pick<StepJob, "quick" | "rates" | "bf16"> {
  readonly recipes: readonly Recipe[];
  /** KITTI root; without one, simulated scenes */
  readonly data: string | undefined;
  readonly threads: number;
  /** a Python that has PyTorch, to run the same steps */
  readonly python?: string;
  readonly onStep?: (title: string) => void;
}

/** Measures the step of each recipe without and with the Entropy Loss, each in a process of its own. */
export async function runSteps(options: StepRunOptions): Promise<StepFigures[]> {
  const { recipes, threads, python, quick, rates, bf16, onStep } = options;
  const simulated = options.data === undefined ? mkdtempSync(join(tmpdir(), "eloss-bench-")) : undefined;
  try {
    const ids = simulated === undefined ? FRAMES : await simulateFrames(simulated);
    const data = simulated ?? options.data!;
    const steps: StepFigures[] = [];
    for (const recipe of recipes) {
      const job = { recipe, data, frames: ids.slice(-batchSizeOf(recipe)) };
      const peer = python === undefined ? undefined : await pytorchSteps({ ...job, python, threads, quick, onStep });
      for (const entropyLoss of [false, true]) {
        onStep?.(`${recipe.name} ${entropyLoss ? "with" : "without"} the Entropy Loss`);
        const figures = await inProcess({ ...job, entropyLoss, quick, rates, bf16 }, threads);
        steps.push({ ...figures, ...(peer && { pytorch: entropyLoss ? peer.with : peer.without }) });
      }
    }
    return steps;
  } finally {
    if (simulated !== undefined) rmSync(simulated, { recursive: true });
  }
}

async function simulateFrames(root: string): Promise<readonly string[]> {
  await writeSimulatedDataset(root, { train: 2, val: 0, seed: 0, field: "camera", workers: 0 });
  return ["000000", "000001"];
}

interface PytorchJob extends Pick<StepJob, "recipe" | "data" | "frames" | "quick"> {
  readonly python: string;
  readonly threads: number;
  readonly onStep: StepRunOptions["onStep"];
}

async function pytorchSteps({ recipe: { name, detector }, data, frames, python, threads, quick, onStep }: PytorchJob) {
  onStep?.(`${name} in PyTorch`);
  const batch = makeBatch(await readFrames(data, frames, detector), buildAnchors(detector));
  return runPytorch(batch, detector, { python, threads, seconds: quick ? 0 : 30 });
}

/** Whether a folder has every frame that the steps need. */
export function hasFrames(root: string): boolean {
  try {
    const { ids } = openDataSource(root);
    return FRAMES.every((id) => ids.includes(id));
  } catch {
    return false;
  }
}

function inProcess(job: StepJob, threads: number): Promise<StepFigures> {
  const worker = fileURLToPath(new URL("./step/step-worker.js", import.meta.url)); // seen from dist/cli.js
  return new Promise((resolve, reject) => {
    const child = fork(worker, { env: { ...process.env, SIMD_KERNELS_THREADS: String(threads) } });
    child.once("message", ({ figures, error }: { figures?: StepFigures; error?: string }) => {
      if (figures) resolve(figures);
      else reject(new Error(`step of ${job.recipe.name}: ${error}`));
    });
    child.once("exit", (code, signal) => reject(new Error(`step of ${job.recipe.name}: ended with ${signal ?? code}`)));
    child.send(job);
  });
}
