import { readSteps, readValidations, type StepLine, type ValidationLine } from "../runs/run-records.js";
import { type PlannedRun, runState } from "./planned-run.js";
import type { EndOfTraining, Metric, RunOutcome } from "./run-outcome.js";

/** Reads a run's folder as far as it has come, or what is recorded of it. */
export function runOutcome(run: PlannedRun): RunOutcome {
  const { arm, seed, folder, recorded } = run;
  if (recorded !== undefined) return recorded.outcome;
  const steps = readSteps(folder);
  const validations = readValidations(folder);
  const average = validations.at(-1)?.average;
  return {
    arm: arm.name,
    seed,
    state: runState(run),
    epochs: validations.map(({ epoch, strict, loose }) => ({ epoch, ap: averages({ strict, loose }) })),
    average: average && averages(average),
    end: steps.length === 0 ? undefined : endOfTraining(steps),
  };
}

function averages({ strict = {}, loose = {} }: Pick<ValidationLine, "strict" | "loose">): Record<Metric, number> {
  const moderate = (of: NonNullable<ValidationLine["strict"]>, name: string, metric: "3d" | "bev") =>
    of[name]?.[metric]?.moderate.r40 ?? 0;
  return {
    "Car 3D": moderate(strict, "car", "3d"),
    "Pedestrian 3D": moderate(strict, "pedestrian", "3d"),
    "Cyclist 3D": moderate(strict, "cyclist", "3d"),
    "Car BEV": moderate(strict, "car", "bev"),
    "Car 3D loose": moderate(loose, "car", "3d"),
  };
}

function endOfTraining(steps: readonly StepLine[]): EndOfTraining {
  const last = steps.filter(({ epoch }) => epoch === steps[steps.length - 1].epoch);
  const mean = (of: (step: StepLine) => number) => last.reduce((sum, step) => sum + of(step), 0) / last.length;
  const seconds = steps.map((step) => step.seconds).sort((a, b) => a - b);
  return {
    l1: mean(({ entropy }) => entropy?.l1 ?? 0),
    growth: mean(({ entropy }) => growthOf(entropy?.blocks.map(({ entropies }) => entropies) ?? [])),
    share: mean(({ losses }) => losses.entropy) / mean(({ losses }) => losses.total),
    detection: mean(({ losses }) => losses.total - losses.entropy),
    stepSeconds: seconds[Math.floor(seconds.length / 2)],
  };
}

function growthOf(blocks: readonly (readonly number[])[]): number {
  const changes = blocks.flatMap((entropies) => entropies.slice(1).map((h, i) => h - entropies[i]));
  return changes.reduce((sum, change) => sum + Math.max(0, change), 0) / Math.max(1, changes.length);
}
