import fc from "fast-check";
import { mutationsOf } from "./mutations.js";
import type { Target } from "./target.js";
import { type TryOptions, tryInput } from "./try-input.js";

/** A file that was read as none should be. */
export interface Finding {
  readonly target: string;
  readonly fault: string;
  readonly input: Uint8Array;
}

/** How a target is tried. */
export interface FuzzOptions extends TryOptions {
  readonly seed: number;
  /** inputs at most */
  readonly inputs: number;
  /** milliseconds at most */
  readonly milliseconds?: number;
  /** told before and after each input */
  readonly onInput?: (counts: Counts) => void;
}

/** What has been tried. */
export interface Counts {
  readonly inputs: number;
  readonly refused: number;
}

/**
 * Has a target read mutations of its good files until the time or the inputs are used up. Each fault is reported once, by the
 * smallest file that shows it.
 */
export async function fuzzTarget(
  target: Target,
  { seed, inputs, milliseconds = Number.POSITIVE_INFINITY, onInput = () => {}, ...how }: FuzzOptions,
): Promise<Counts & { readonly findings: readonly Finding[] }> {
  const files = mutationsOf(target.seeds());
  const known = new Set<string>();
  const findings: Finding[] = [];
  const counts = { inputs: 0, refused: 0 };
  const ends = performance.now() + milliseconds;
  for (let round = seed; counts.inputs < inputs && performance.now() < ends; round++) {
    let shown: string | undefined;
    const isRead = fc.asyncProperty(files, async (input) => {
      onInput(counts);
      const { refused, fault } = await tryInput(target, input, how);
      counts.inputs += 1;
      if (refused) counts.refused += 1;
      // While it is made smaller, only the fault that it is about counts.
      if (fault === undefined || known.has(kindOf(fault)) || (shown !== undefined && kindOf(fault) !== shown))
        return true;
      shown = kindOf(fault);
      return false;
    });
    const details = await fc.check(isRead, {
      seed: round,
      numRuns: inputs - counts.inputs,
      interruptAfterTimeLimit: Math.max(1, Math.min(ends - performance.now(), 2 ** 31 - 1)),
    });
    if (details.counterexample === null || shown === undefined) break;
    const [input] = details.counterexample;
    const { fault = shown } = await tryInput(target, input, how);
    known.add(shown);
    findings.push({ target: target.name, fault, input });
  }
  return { ...counts, findings };
}

/** A fault without what differs from file to file: numbers, and texts in quotes. */
function kindOf(fault: string): string {
  return fault
    .split("\n", 1)[0]
    .replace(/"(?:[^"\\]|\\.)*"?/g, '""')
    .replace(/-?\d+(\.\d+)?(e[-+]?\d+)?/gi, "0")
    .slice(0, 120);
}
