import type { Stage } from "../report.js";

/** Milliseconds of each stage. */
export type StageTimes = Record<Stage, number>;

/** Times stages that follow one another without a gap. */
export interface StageClock {
  /** Ends the stage before, if there is one. */
  readonly begin: (stage: Stage) => void;
  /** Ends the last stage; the times since the stop before. */
  readonly stop: () => Partial<StageTimes>;
}

export function stageClock(now: () => number = () => performance.now()): StageClock {
  let times: Partial<StageTimes> = {};
  let running: { readonly stage: Stage; readonly since: number } | undefined;
  const end = () => {
    const time = now();
    if (running) times[running.stage] = time - running.since;
    running = undefined;
    return time;
  };
  return {
    begin: (stage) => {
      running = { stage, since: end() };
    },
    stop: () => {
      end();
      const taken = times;
      times = {};
      return taken;
    },
  };
}
