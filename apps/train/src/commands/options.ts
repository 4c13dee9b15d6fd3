import { InvalidArgumentError, Option } from "commander";
import { BACKENDS } from "open-backend";

/** Options that several commands share, so that they read and fail alike. */

export const backendOption = () =>
  new Option(
    "--backend <name>",
    "what computes: simd (any machine), tensorflow (after `pnpm setup:gpu`), webgpu (where there is a graphics adapter), " +
      "cpu (slow, for checking)",
  )
    .choices([...BACKENDS])
    .default("simd");

export const dataOption = () =>
  new Option("--data <dir>", "KITTI root, with training/velodyne or velodyne in it").makeOptionMandatory();

export const splitOption = (standard: string, frames = "frames") =>
  new Option("--split <list>", `${frames}: a name in ImageSets, a .txt file of ids, ids with commas, or all`).default(
    standard,
  );

export const jsonOption = () =>
  new Option("--json", "print one JSON document on standard output instead of text").default(false);

export const seedOption = (description = "seed of everything random") =>
  new Option("--seed <n>", description).argParser(wholeNumber(0)).default(0);

export const workersOption = () =>
  new Option("--workers <n>", "threads that prepare the next batches while a step runs; the result is the same for any")
    .argParser(wholeNumber(0))
    .default(1);

/** A parser for whole numbers from `minimum` up. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`expected a whole number of at least ${minimum}, got "${text}".`);
    }
    return value;
  };
}
