import { Refusal } from "../target.js";

type Main = (
  argv: readonly string[],
  context: { stdout(text: string): void; stderr(text: string): void; signal: AbortSignal },
) => Promise<number>;

/** Runs a command's function, already told to stop. @throws Refusal with what it says if it refuses; what it throws else */
export async function runCommand(main: Main, argv: readonly string[]): Promise<void> {
  let said = "";
  const stderr = (text: string) => {
    said += text;
  };
  const status = await main(argv, { stdout: () => {}, stderr, signal: AbortSignal.abort() });
  if (status !== 0 && status !== 130) throw new Refusal(said);
}
