import type { Layer } from "simd-kernels";
import type { Clock, Quartiles } from "./measure.js";

/** Everything that a run found: what `--json` prints. */
export interface BenchReport {
  readonly machine: Machine;
  readonly limits: Limits;
  readonly kernels: readonly KernelFigures[];
  readonly steps: readonly StepFigures[];
  readonly inference: readonly InferenceFigures[];
}

/** Where and when. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly processors: number;
  readonly node: string;
  readonly threads: number;
  /** of the kernels; steps go by the wall clock */
  readonly clock: Clock;
  /** instruction set of each layer, or why it does not load */
  readonly layers: Partial<Record<Layer, string>>;
  readonly quick: boolean;
}

/** The most that was measured in this run. */
export interface Limits {
  readonly layer: Layer;
  readonly one: LimitRates;
  readonly all: LimitRates;
}

export interface LimitRates {
  readonly threads: number;
  /** 10⁹ operations per second, a multiply-add being two */
  readonly gflops: number;
  /** 10⁹ bytes read and written per second by a copy */
  readonly gbytes: number;
}

/** One row of the table. */
export interface KernelFigures {
  readonly name: string;
  readonly unit: "GFLOP/s" | "GB/s";
  /** of the native layer; the others have one */
  readonly threads: number;
  /** percent of the limit to reach */
  readonly goals: { readonly native?: number; readonly wasm?: number };
  readonly layers: Partial<Record<Layer, LayerFigure>>;
}

export type LayerFigure =
  | {
      /** in the unit of the row */
      readonly rate: number;
      /** of the limit on as many threads, measured in turn with it */
      readonly percent: number;
      readonly milliseconds: number;
    }
  | { readonly skipped: string };

/** Parts of a step, in order; the first three can be done for the next batch while a step runs. */
export const STAGES = ["voxelize", "rulebooks", "targets", "forward", "losses", "backward", "optimiser"] as const;
export type Stage = (typeof STAGES)[number];
/** Stages of the step itself. */
export const STEP_STAGES: readonly Stage[] = ["forward", "losses", "backward", "optimiser"];

/** A training step of one configuration. */
export interface StepFigures {
  readonly config: string;
  readonly entropyLoss: boolean;
  readonly frames: readonly string[];
  readonly voxels: number;
  /** of the fastest step whose parts were timed one by one */
  readonly stages: Readonly<Record<Stage, number>>;
  /** milliseconds of the fastest step, from a batch in memory to new weights */
  readonly milliseconds: number;
  /** least time that a step took on the processors, all threads together: hardly more on a busy machine */
  readonly processorMilliseconds: number;
  /**
   * By what share a step without the Entropy Loss takes longer with it, over pairs of steps, one right after the other; only
   * for a step with it. The fastest of each kind may have been taken while the machine was another.
   */
  readonly lossAdds?: Quartiles;
  /** the same step with products of bfloat16, if it was asked for */
  readonly bf16?: Bf16Figures;
  /** the same step in PyTorch on this machine, if a Python with it was named */
  readonly pytorch?: PytorchFigures;
  /** of a step that was watched, which takes a little longer */
  readonly watchedMilliseconds: number;
  readonly kernels: readonly KernelShare[];
  /** kernels with calls on the stock implementation and a share of 1 % or more */
  readonly hotStockKernels: readonly string[];
  readonly floor: StepFloor;
  /** step / (product floor + bandwidth floor) */
  readonly ratio: number;
  /** bytes, of the process that ran nothing but this step */
  readonly peakResidentBytes: number;
}

/** Steps of bf16, each right beside one of float32. */
export interface Bf16Figures {
  /** of the fastest */
  readonly milliseconds: number;
  /** of the time of float32's, over the pairs */
  readonly share: Quartiles;
}

/** A step of PyTorch: from a batch in memory to new weights, as ours. */
export interface PytorchFigures {
  readonly version: string;
  readonly arms: readonly PytorchArm[];
}

/** One way in which PyTorch takes the step, or why it cannot. */
export type PytorchArm = { readonly name: string } & (
  | {
      /** of the maps, whichever was faster: "channels-first" or "channels-last" */
      readonly layout: string;
      /** of the fastest step */
      readonly milliseconds: number;
      readonly median: number;
    }
  | { readonly failed: string }
);

/** The inference of one detector on one frame, from its encoder's input or, of the 2D part, its bird's-eye-view map to head maps in memory. */
export interface InferenceFigures {
  readonly config: string;
  readonly part: "whole" | "2D part";
  readonly frame: string;
  /** voxels or columns of the frame */
  readonly cells: number;
  readonly latency: Latency;
  /** the same with products of bfloat16, in turn with it, if it was asked for */
  readonly bf16?: ComparedLatency;
  /** the same in ONNX Runtime, in turn with it, if it was asked for */
  readonly onnxruntime?: ComparedLatency & { readonly version: string };
  readonly floor: InferenceFloor;
  /** p50 / floor */
  readonly ratio: number;
  /** of a pass that was watched */
  readonly watchedMilliseconds: number;
  readonly kernels: readonly KernelShare[];
}

/** Milliseconds that half of the runs and 99 % of them did not exceed. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly runs: number;
}

/** Latency of another way to the same head maps. */
export interface ComparedLatency extends Latency {
  /** between its head maps and ours of float32, of a map's largest number */
  readonly largestDifference: number;
}

/** The least time that a pass can take, at the best rates seen in this run. */
export interface InferenceFloor {
  /** of plain sums */
  readonly plainMultiplyAdds: number;
  /** with 3×3 convolutions of stride 1 by minimal filtering, F(2×2, 3×3): 2.25 times fewer of theirs */
  readonly multiplyAdds: number;
  readonly bytes: number;
  readonly threads: number;
  readonly gflops: number;
  readonly gbytes: number;
  readonly milliseconds: number;
}

/** Time in one kernel over a step or a pass. */
export interface KernelShare {
  readonly name: string;
  readonly calls: number;
  readonly milliseconds: number;
  /** of the watched step, 0..1 */
  readonly share: number;
  /** 10⁹ operations of matrix products per second, 0 for kernels without */
  readonly gflops: number;
  /** `simd`, `stock`, `both`; `direct`: an operation of simd-kernels that no tfjs kernel called; `none`: outside kernels */
  readonly where: "simd" | "stock" | "both" | "direct" | "none";
}

/** The least time that the step can take, at the best rates seen in this run. */
export interface StepFloor {
  /** of all matrix products: forward and both gradients */
  readonly multiplyAdds: number;
  /** what the kernels were asked to do in the watched step; for comparison */
  readonly observedMultiplyAdds: number;
  readonly bytes: number;
  /** that share the step, and that the two rates are of */
  readonly threads: number;
  readonly gflops: number;
  readonly gbytes: number;
  readonly productMilliseconds: number;
  readonly bandwidthMilliseconds: number;
}
