/** Whether something has asked the work to end. */
export interface StopWish {
  readonly requested: boolean;
  /** what asked, in words */
  readonly reason?: string | undefined;
}

/**
 * Turns the signals that ask a process to end into a wish that a loop can look at between two steps: Ctrl-C (SIGINT),
 * SIGTERM, a terminal that closes (SIGHUP), and what Slurm sends some time before a job's end if it is asked to (SIGUSR1;
 * Node would open its debugger).
 */
export interface StopSignal extends StopWish {
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
  let first: { readonly reason: string; readonly time: number } | undefined;
  const ask = (reason: string) => {
    if (first !== undefined) return;
    first = { reason, time: performance.now() };
    controller.abort();
    process.stderr.write(`\n${message}\n`);
  };
  const onSignal = (name: NodeJS.Signals) => {
    const again = name === first?.reason && name !== "SIGHUP" && performance.now() - first.time > ONE_WISH;
    if (again) process.exit(130);
    ask(name);
  };
  // Whoever started this process with a channel to it has gone, and nobody is left to ask it to end, or asks in this way (Windows).
  const onParentGone = () => ask("the process that started it has ended or let it go");
  for (const name of SIGNALS) process.on(name, onSignal);
  process.on("disconnect", onParentGone);
  if (process.connected === false) onParentGone(); // before anybody listened
  return {
    get requested() {
      return controller.signal.aborted;
    },
    get reason() {
      return first?.reason;
    },
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal);
      process.off("disconnect", onParentGone);
    },
  };
}

/** Lets signals in: none is heard while work goes on without a pause. */
export function letSignalsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
