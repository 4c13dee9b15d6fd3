/**
 * Turns Ctrl-C (SIGINT) and SIGTERM into a wish that a loop can look at between two steps. A second Ctrl-C ends the
 * process at once.
 */
export interface StopSignal {
  readonly requested: boolean;
  /** gives the signals back their usual meaning */
  release(): void;
}

export function listenForStop(message: string): StopSignal {
  let requested = false;
  const onSignal = () => {
    if (requested) process.exit(130);
    requested = true;
    process.stderr.write(`\n${message}\n`);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    get requested() {
      return requested;
    },
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
