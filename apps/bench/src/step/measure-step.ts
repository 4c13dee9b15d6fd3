import {
  newTrainingState,
  optimiserStep,
  type StepOptions,
  stepLoss,
  type TrainingBatch,
  type TrainingState,
  trainedTaps,
  trainingStep,
  useBackend,
} from "eloss/step";
import { buildAnchors, type ForwardResult, lossGradients } from "second-detector";
import { kernels } from "simd-kernels";
import { bestRates, machineLimits, measureLimits } from "../machine-limits.js";
import { processorSeconds, quartilesOf } from "../measure.js";
import type { StepFigures } from "../report.js";
import { requireBf16 } from "../require-bf16.js";
import { readFrames } from "./batch-stages.js";
import { type StageClock, type StageTimes, stageClock } from "./stage-clock.js";
import { stepWork } from "./step-floor.js";
import type { StepJob } from "./step-job.js";
import { watchKernels } from "./watch-kernels.js";

/** Rounds of a full run: enough that the step's code is compiled and that it is hardly disturbed in one of them. */
const ROUNDS = { most: 40, least: 3 } as const;
/** One of the steps that run in turn. */
interface StepKind {
  readonly withLoss: boolean;
  readonly precision: "float32" | "bf16";
}

/** Steps on the batch of a round: the first finds it outside the caches. */
const TURNS = 2;

/**
 * Times training steps on the backend `simd`, whole ones and ones taken apart, in turn with the machine's limits, and watches
 * one of them. With the Entropy Loss, steps without it run in turn too. The process should do nothing else, or the peak of its memory is not the step's.
 */
export async function measureStep({
  recipe,
  entropyLoss,
  data,
  frames,
  quick,
  bf16,
  rates,
  seconds,
}: StepJob): Promise<StepFigures> {
  if (bf16) await requireBf16();
  await useBackend("simd");
  const batchStages = await readFrames(data, frames, recipe.detector);
  const anchors = buildAnchors(recipe.detector);
  const state = newTrainingState(recipe, 0);
  const clock = stageClock();
  const prepare = () => {
    clock.begin("voxelize");
    const inputs = batchStages.voxelize();
    clock.begin("rulebooks");
    const batch = batchStages.rulebooks(inputs);
    clock.begin("targets");
    const targets = batchStages.targets(inputs, anchors);
    return { prepared: { ids: batchStages.ids, batch, targets }, stages: clock.stop() };
  };
  const settingsOf = (withLoss: boolean): StepOptions => ({
    recipe,
    totalSteps: 1000,
    tapLoss: withLoss ? trainedTaps(recipe.entropyLoss) : undefined,
  });
  const settings = settingsOf(entropyLoss);

  let { prepared, stages: preparing } = prepare();
  await trainingStep(state, prepared, settings); // warms up
  let stages = await stagesOf(state, prepared, settings, clock);
  const limits = machineLimits(kernels(), { quick, clock: "wall" });
  let milliseconds = Number.POSITIVE_INFINITY;
  let processor = Number.POSITIVE_INFINITY;
  const lossAdds: number[] = [];
  const bf16Shares: number[] = [];
  let bf16Milliseconds = Number.POSITIVE_INFINITY;
  // The step itself, and those that it is compared with, each right beside it.
  const own: StepKind = { withLoss: entropyLoss, precision: "float32" };
  const withoutLoss: StepKind = { withLoss: false, precision: "float32" };
  const rounded: StepKind = { withLoss: entropyLoss, precision: "bf16" };
  const kinds = [own, ...(entropyLoss ? [withoutLoss] : []), ...(bf16 ? [rounded] : [])];
  const started = performance.now();
  const goesOn = (round: number) =>
    round < ROUNDS.least || (round < ROUNDS.most && performance.now() - started < 1000 * seconds);
  for (let round = 0; quick ? round === 0 : goesOn(round); round++) {
    measureLimits(limits, quick ? 5 : 100);
    const fresh = prepare();
    prepared = fresh.prepared;
    if (total(fresh.stages) < total(preparing)) preparing = fresh.stages;
    for (let turn = 0; turn < (quick ? 1 : TURNS); turn++) {
      // The first step of a batch finds it outside the caches: each kind is the first as often as the others.
      const first = (round * TURNS + turn) % kinds.length;
      const taken = new Map<StepKind, number>();
      for (const kind of [...kinds.slice(first), ...kinds.slice(0, first)]) {
        if (bf16) await useBackend("simd", { precision: kind.precision });
        const before = { wall: performance.now(), processor: processorSeconds() };
        await trainingStep(state, prepared, settingsOf(kind.withLoss));
        taken.set(kind, performance.now() - before.wall);
        if (kind === own) processor = Math.min(processor, 1000 * (processorSeconds() - before.processor));
      }
      const took = (kind: StepKind) => taken.get(kind)!;
      milliseconds = Math.min(milliseconds, took(own));
      if (entropyLoss) lossAdds.push(took(own) / took(withoutLoss) - 1);
      if (bf16) {
        await useBackend("simd");
        bf16Shares.push(took(rounded) / took(own));
        bf16Milliseconds = Math.min(bf16Milliseconds, took(rounded));
      }
      const apart = await stagesOf(state, prepared, settings, clock);
      if (total(apart) < total(stages)) stages = apart;
    }
  }
  const watched = await watchKernels(() => trainingStep(state, prepared, settings));

  const seen = bestRates(limits);
  const best = { gflops: Math.max(rates.gflops, seen.gflops), gbytes: Math.max(rates.gbytes, seen.gbytes) };
  const work = stepWork(recipe, prepared.batch, { entropyLoss });
  const productMilliseconds = (2 * work.multiplyAdds) / best.gflops / 1e6;
  const bandwidthMilliseconds = work.bytes / best.gbytes / 1e6;
  return {
    config: recipe.name,
    entropyLoss,
    frames,
    voxels: prepared.batch.coords.length / 4,
    stages: { ...preparing, ...stages } as StageTimes,
    milliseconds,
    processorMilliseconds: processor,
    ...(entropyLoss && { lossAdds: quartilesOf(lossAdds) }),
    ...(bf16 && { bf16: { milliseconds: bf16Milliseconds, share: quartilesOf(bf16Shares) } }),
    watchedMilliseconds: watched.milliseconds,
    kernels: watched.kernels,
    hotStockKernels: watched.kernels
      .filter(({ where, share }) => (where === "stock" || where === "both") && share >= 0.01)
      .map(({ name }) => name),
    floor: {
      ...work,
      observedMultiplyAdds: watched.multiplyAdds,
      threads: seen.threads,
      ...best,
      productMilliseconds,
      bandwidthMilliseconds,
    },
    ratio: milliseconds / (productMilliseconds + bandwidthMilliseconds),
    peakResidentBytes: 1024 * process.resourceUsage().maxRSS,
  };
}

/** The times of the parts that make up `trainingStep`, which gives no such times itself. */
async function stagesOf(
  state: TrainingState,
  prepared: TrainingBatch,
  options: StepOptions,
  clock: StageClock,
): Promise<Partial<StageTimes>> {
  clock.begin("forward");
  const lossOf = stepLoss(state, prepared, options);
  const loss = (result: ForwardResult) => {
    clock.begin("losses");
    const found = lossOf(result);
    clock.begin("backward");
    return found;
  };
  const pass = lossGradients(state.weights, prepared.batch, { config: options.recipe.detector, loss });
  clock.begin("optimiser");
  await optimiserStep(state, pass, options);
  return clock.stop();
}

function total(stages: Partial<StageTimes>): number {
  return Object.values(stages).reduce((sum, milliseconds) => sum + milliseconds, 0);
}
