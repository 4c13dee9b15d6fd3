import { printable } from "checked-text";
import cliProgress from "cli-progress";

/** What a long job tells the person who waits: how far it is, how long it will still take, and one fact worth seeing. */
export interface Progress {
  advance(note: string): void;
  /** something to tell between two steps of the work, which stays to be read */
  mention(note: string): void;
  stop(): void;
}

/**
 * A progress line with the time that is left, on standard error. In a terminal it is a bar beneath what was
 * mentioned; elsewhere (a log file) a line is written every tenth of the work. Notes may quote what steers a terminal: they are written as {@link printable}.
 *
 * @param label what is being done
 * @param total number of `advance` calls to the end
 * @param done  how many of them an earlier run has already made
 */
export function startProgress(label: string, total: number, done = 0): Progress {
  const { advance, mention, stop } = process.stderr.isTTY
    ? barProgress(label, total, done)
    : lineProgress(label, total, done);
  return { advance: (note) => advance(printable(note)), mention: (note) => mention(printable(note)), stop };
}

function barProgress(label: string, total: number, done: number): Progress {
  // of one bar: unlike a SingleBar it can be written above, and its end leaves alone what others have printed below
  const bars = new cliProgress.MultiBar(
    {
      format: `${label} {bar} {percentage}% | {value}/{total} | {eta_formatted} left | {note}`,
      etaBuffer: 30,
      hideCursor: true,
      linewrap: true, // of what is mentioned; the bar is cut
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
  const bar = bars.create(total, done, { note: "" });
  return {
    advance: (note) => bar.increment({ note }),
    mention: (note) => bars.log(`${note}\n`),
    stop() {
      bars.update(); // writes what was mentioned last
      bars.stop();
    },
  };
}

function lineProgress(label: string, total: number, done: number): Progress {
  const started = performance.now();
  const every = Math.max(1, Math.ceil(total / 10));
  let count = done;
  return {
    advance(note) {
      count += 1;
      if (count % every !== 0 && count !== total) return;
      const left = ((performance.now() - started) / (count - done)) * (total - count);
      process.stderr.write(`${label} ${count}/${total} | ${formatDuration(left)} left | ${note}\n`);
    },
    mention(note) {
      process.stderr.write(`${label} ${count}/${total} | ${note}\n`);
    },
    stop() {},
  };
}

/** Milliseconds as `1h02m`, `3m07s` or `12s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const pad = (value: number) => String(value).padStart(2, "0");
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h${pad(Math.floor((seconds % 3600) / 60))}m`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`;
  return `${seconds}s`;
}
