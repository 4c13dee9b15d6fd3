/**
 * Turns the signals that ask a process to end into a wish that a loop can look at between two steps: Ctrl-C (SIGINT),
 * SIGTERM, a terminal that closes (SIGHUP), and what Slurm sends some time before a job's end if it is asked to (SIGUSR1;
 * Node would open its debugger).
 */
export interface StopSignal {
  readonly requested: boolean;
  /** the same wish, for what takes one */
  readonly signal: AbortSignal;
  /** gives the signals back their usual meaning */
  release(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"] as const;

/** Signals that come within this many milliseconds are one wish: a process group gets one each from shell and scheduler. */
const ONE_WISH = 1000;

/**
 * @param message told at the first signal. The same signal once more, a second or longer after the first, ends the process
 *   at once; another signal is the same wish again.
 */
export function listenForStop(message: string): StopSignal {
  const controller = new AbortController();
  let first: { readonly name: NodeJS.Signals; readonly time: number } | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    if (first === undefined) {
      first = { name, time: performance.now() };
      controller.abort();
      process.stderr.write(`\n${message}\n`);
    } else if (name === first.name && name !== "SIGHUP" && performance.now() - first.time > ONE_WISH) {
      process.exit(130);
    }
  };
  // Whoever started this process with a channel to it has gone: nobody is left to ask it to end.
  const onParentGone = () => onSignal("SIGHUP");
  for (const name of SIGNALS) process.on(name, onSignal);
  process.on("disconnect", onParentGone);
  return {
    get requested() {
      return controller.signal.aborted;
    },
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal);
      process.off("disconnect", onParentGone);
    },
  };
}
