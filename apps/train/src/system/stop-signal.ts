/**
 * Turns Ctrl-C (SIGINT) and SIGTERM into a wish that a loop can look at between two steps. A second Ctrl-C ends the
 * process at once.
 */
export interface StopSignal {
  readonly requested: boolean;
  /** the same wish, for what takes one */
  readonly signal: AbortSignal;
  /** gives the signals back their usual meaning */
  release(): void;
}

export function listenForStop(message: string): StopSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    process.stderr.write(`\n${message}\n`);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    get requested() {
      return controller.signal.aborted;
    },
    signal: controller.signal,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
