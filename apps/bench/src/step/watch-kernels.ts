import * as tf from "@tensorflow/tfjs-core";
import { observeKernels } from "simd-kernels";
import { resetKernelCounts, simdReport } from "tfjs-backend-simd";
import type { KernelShare } from "../report.js";
import { multiplyAddsOf } from "./operation-work.js";

/** What ran while `run` ran. */
export interface Watched {
  readonly milliseconds: number;
  /** most time first; the last is what no kernel accounts for */
  readonly kernels: readonly KernelShare[];
  readonly multiplyAdds: number;
}

interface Tally {
  calls: number;
  milliseconds: number;
  multiplyAdds: number;
  readonly direct: boolean;
}

/**
 * Times every kernel of the backend `simd`, and every operation of simd-kernels that no tfjs kernel called, while `run`
 * runs. A kernel that another one calls belongs to its caller. Kernels must be registered before.
 */
export async function watchKernels(run: () => Promise<unknown>): Promise<Watched> {
  const tallies = new Map<string, Tally>();
  let current: Tally | undefined;

  function timed<T>(name: string, direct: boolean, work: () => T): T {
    if (current) return work();
    let tally = tallies.get(name);
    if (!tally) {
      tally = { calls: 0, milliseconds: 0, multiplyAdds: 0, direct };
      tallies.set(name, tally);
    }
    current = tally;
    const started = performance.now();
    try {
      return work();
    } finally {
      tally.milliseconds += performance.now() - started;
      tally.calls++;
      current = undefined;
    }
  }

  const restore = wrapKernels((name, work) => timed(name, false, work));
  observeKernels((call, work) =>
    timed(call.operation, true, () => {
      current!.multiplyAdds += multiplyAddsOf(call);
      work();
    }),
  );
  resetKernelCounts();
  const started = performance.now();
  try {
    await run();
  } finally {
    observeKernels(undefined);
    restore();
  }
  return summary(tallies, performance.now() - started);
}

/** Puts `around` around every kernel of the backend; returns what takes it away again. */
function wrapKernels(around: <T>(name: string, work: () => T) => T): () => void {
  const configs = tf.getKernelsForBackend("simd");
  const originals = configs.map(({ kernelFunc }) => kernelFunc);
  configs.forEach((config, i) => {
    config.kernelFunc = (params) => around(config.kernelName, () => originals[i](params));
  });
  return () => {
    configs.forEach((config, i) => {
      config.kernelFunc = originals[i];
    });
  };
}

function summary(tallies: ReadonlyMap<string, Tally>, milliseconds: number): Watched {
  const counts = simdReport().kernels;
  const kernels: KernelShare[] = [...tallies].map(([name, tally]) => {
    const { here, stock } = counts[name] ?? { here: 1, stock: 0 };
    return {
      name,
      calls: tally.calls,
      milliseconds: tally.milliseconds,
      share: tally.milliseconds / milliseconds,
      gflops: (2 * tally.multiplyAdds) / tally.milliseconds / 1e6,
      where: tally.direct ? "direct" : stock === 0 ? "simd" : here === 0 ? "stock" : "both",
    };
  });
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  const outside = milliseconds - kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0);
  kernels.push({
    name: "outside kernels",
    calls: 0,
    milliseconds: outside,
    share: outside / milliseconds,
    gflops: 0,
    where: "none",
  });
  const multiplyAdds = [...tallies.values()].reduce((sum, tally) => sum + tally.multiplyAdds, 0);
  return { milliseconds, kernels, multiplyAdds };
}
