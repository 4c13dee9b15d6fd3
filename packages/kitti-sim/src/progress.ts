import cliProgress from "cli-progress";

/** What a long job tells the person who waits: how far it is and how long it will still take. */
export interface Progress {
  /** says how many are done */
  update(done: number): void;
  stop(): void;
}

/**
 * A progress line on standard error: a bar in a terminal; elsewhere (a log file) a line every tenth of the work.
 * @param total what `update` ends at
 * @param done  what is there already: the time that is left is reckoned from the rest
 */
export function startProgress(label: string, { total, done }: { total: number; done: number }): Progress {
  return process.stderr.isTTY ? barProgress(label, total, done) : lineProgress(label, total, done);
}

function barProgress(label: string, total: number, done: number): Progress {
  // of one bar: unlike a SingleBar its end leaves alone what others have printed below since it began
  const bars = new cliProgress.MultiBar(
    {
      format: `${label} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`,
      etaBuffer: 30,
      hideCursor: true,
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
  const bar = bars.create(total, done);
  // without one that is done it would reckon with infinite time
  return { update: (now) => now > done && bar.update(now), stop: () => bars.stop() };
}

function lineProgress(label: string, total: number, done: number): Progress {
  const started = performance.now();
  const every = Math.max(1, Math.ceil(total / 10));
  return {
    update(now) {
      if (now === done || (now % every !== 0 && now !== total)) return;
      const left = ((performance.now() - started) / (now - done)) * (total - now);
      process.stderr.write(`${label} ${now}/${total} | ${Math.round(left / 1000)}s left\n`);
    },
    stop() {},
  };
}
