/** Where a command's `main` writes to, and the signal that stops it. */
export interface CommandStreams {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Runs a command's `main` in this process and keeps what it writes. */
export async function runMain(
  main: (argv: readonly string[], streams: CommandStreams) => Promise<number>,
  argv: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const status = await main(argv, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    signal,
  });
  return { status, stdout, stderr };
}
