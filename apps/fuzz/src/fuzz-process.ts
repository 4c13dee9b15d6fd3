import { mkdirSync } from "node:fs";
import { fuzzTarget } from "./fuzz-target.js";
import { targetNamed } from "./targets/all-targets.js";

// The code of a process that tries one target: its job comes as the first message, what it is doing and what it found goes back.

/** What to try. */
export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly milliseconds: number;
  readonly folder: string;
}

/** Between two signs of life, in milliseconds. */
const PULSE = 200;

process.once("message", async ({ target, seed, milliseconds, folder }: Job) => {
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
  let told = 0;
  const onInput = (counts: object) => {
    if (performance.now() - told < PULSE) return;
    told = performance.now();
    process.send!({ counts });
  };
  const result = await fuzzTarget(targetNamed(target), {
    seed,
    folder,
    inputs: Number.MAX_SAFE_INTEGER,
    milliseconds,
    onInput,
  });
  process.send!({ result }, () => process.exit(0));
});
