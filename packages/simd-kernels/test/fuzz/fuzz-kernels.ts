// Calls of every operation of the table on every layer that loads, from a seed: valid, nearly valid and hostile ones.
//
//   sample call ─► other sizes and arrays of the shapes that follow ─► perhaps faults ─► the same call on each layer
//
// What must hold: all layers accept or all refuse, in the same words and with outputs as they were; nothing around an array
// changes; what is accepted ends soon and has the same results. What an operation takes is asked of its entry in the table, so
// that a new one is fuzzed as soon as it has a sample call.
import { seededRandom } from "test-support";
import { factsOf, plainView } from "../../src/check-arguments.js";
import { type Kernels, type Layer, loadKernels } from "../../src/index.js";
import { operations } from "../../src/operations/index.js";
import { type AnyRun, type KernelArray, listSizes, type Operation } from "../../src/operations/operation.js";
import { changed, meaningfulLengths, sampleCalls } from "../sample-calls.js";
import { arrayFaults, layOut, sizeFaults, structFaults } from "./faults.js";
import { contentsLike, lengthsOf } from "./valid-calls.js";

/** One call that went wrong: `seed` alone makes it again, with `fuzzCall`. */
export interface Finding {
  readonly operation: string;
  readonly seed: number;
  /** the faults that the call was given, if any */
  readonly faults: readonly string[];
  /** what differs */
  readonly problem: string;
}

export interface FuzzOptions {
  /** of the first call; the next ones have the seeds after it */
  readonly seed: number;
  /** asked before every call: whether to end */
  readonly until: () => boolean;
  readonly report: (found: Finding) => void;
  /** default: all that load here */
  readonly layers?: readonly Layer[];
  /** milliseconds that no call may take; default 3000. Infinity where time is not to be judged, as in a test */
  readonly slow?: number;
}

/** How many calls were made, and what became of them; one per call, not per layer. */
export interface FuzzCounts {
  calls: number;
  accepted: number;
  refused: number;
  findings: number;
}

/** Milliseconds after which a call is called slow, if nothing else is said. */
const SLOW = 3000;

/** Calls operation after operation until `until()`. */
export function fuzzKernels({ seed, until, report, layers, slow = SLOW }: FuzzOptions): FuzzCounts {
  const loaded = loadAll(layers ?? ["typescript", "wasm", "native"]);
  const counts: FuzzCounts = { calls: 0, accepted: 0, refused: 0, findings: 0 };
  for (let next = seed; !until(); next++) {
    const { accepted, finding } = fuzzCall(next, loaded, slow);
    counts.calls++;
    counts[accepted ? "accepted" : "refused"]++;
    if (!finding) continue;
    counts.findings++;
    report(finding);
  }
  return counts;
}

/** The layers that load here; native ones on one thread and on several. */
export function loadAll(layers: readonly Layer[]): Kernels[] {
  const wanted = layers.flatMap((layer): { layer: Layer; threads?: number }[] =>
    layer === "native"
      ? [
          { layer, threads: 1 },
          { layer, threads: 3 },
        ]
      : [{ layer }],
  );
  return wanted.flatMap(({ layer, ...options }) => {
    try {
      return [loadKernels(layer, options)];
    } catch {
      return [];
    }
  });
}

/** The call of one seed on each of the layers. @param slow as for {@link fuzzKernels} */
export function fuzzCall(
  seed: number,
  layers: readonly Kernels[],
  slow = SLOW,
): { accepted: boolean; finding?: Finding } {
  const names = Object.keys(operations) as (keyof typeof operations)[];
  const name = names[seed % names.length];
  const outcomes = layers.map((kernels) => outcomeOf(kernels, name, makeCall(seed, name)));
  const { faults } = makeCall(seed, name);
  const problem = problemOf(outcomes, name, { faults, slow });
  const accepted = outcomes[0].error === undefined;
  return { accepted, ...(problem && { finding: { operation: name, seed, faults, problem } }) };
}

interface Call {
  readonly args: unknown[];
  /** arguments with the same arrays, which can be asked for them without a change */
  readonly honest: unknown[];
  /** whether results are numbers that layers agree on */
  readonly isTame: boolean;
  readonly faults: string[];
  /** what must not change around the arrays */
  readonly guards: readonly Uint8Array[];
}

/** The call of a seed: each time anew, with the same values. */
function makeCall(seed: number, name: keyof typeof operations): Call {
  const rng = seededRandom(seed);
  rng(); // neighbouring seeds begin alike
  const operation = operations[name] as Operation;
  const sample: unknown[] = sampleCalls()[name];
  const sized = rng() < 0.2 ? sample : otherSizes(sample, operation, rng);
  const guards: Uint8Array[] = [];
  const laid = new Map<unknown, KernelArray>();
  for (const array of operation.arraysOf(...sized)) laid.set(array, layOut(array, rng, guards));
  let args = changed(sized, (value) => laid.get(value)) as unknown[];
  let honest = args;
  const faults: string[] = [];
  let isTame = true;
  while (rng() < 0.4 && faults.length < 3) {
    const kind = rng();
    const inject = kind < 0.5 ? arrayFaults : kind < 0.9 ? sizeFaults : structFaults;
    const fault = inject(args, operation, rng);
    if (!fault) continue;
    args = fault.args;
    isTame &&= fault.isTame;
    faults.push(fault.name);
    if (inject === structFaults) break;
    honest = args;
  }
  return { args, honest, isTame, faults, guards };
}

/** The sample with other sizes, where a few tries find some that the operation takes. */
function otherSizes(sample: unknown[], operation: Operation, rng: () => number): unknown[] {
  const sizes = new Map(listSizes(operation.sizes));
  for (let attempt = 0; attempt < 12; attempt++) {
    const most = rng() < 0.2 ? 40 : 7;
    const resized = changed(sample, (value, key) => {
      const size = sizes.get(key);
      if (!size || key === "rounds" || rng() < 0.3) return undefined;
      if (size.kind === "choice") return size.names[Math.floor(rng() * size.names.length)];
      if (typeof value === "number") return Number.isInteger(value) ? Math.floor(rng() * most) : value * (0.5 + rng());
      return typeof value === "boolean" ? rng() < 0.5 : undefined;
    }) as unknown[];
    const lengths = lengthsOf(operation, resized, rng);
    if (!lengths) continue;
    const arrays = operation.arraysOf(...resized);
    const own = new Map(arrays.map((array, i) => [array as unknown, contentsLike(array, lengths[i], rng)]));
    const args = changed(resized, (value) => own.get(value)) as unknown[];
    if (isTaken(operation, args)) return args;
  }
  return sample;
}

/** Whether the checks of the operation have nothing against a call; kinds and memory are as they should be. */
function isTaken(operation: Operation, args: unknown[]): boolean {
  const find = (indices: Int32Array, low: number, high: number) => indices.findIndex((i) => i < low || i >= high);
  try {
    listSizes(operation.sizes).forEach(([, size], i) => {
      const value = operation.sizesOf(...args)[i];
      if (size.kind === "index" && (value as number) < size.least) throw new RangeError("too small");
    });
    operation.checkSizes?.("", ...args);
    const arrays = operation.arraysOf(...args);
    operation.shapesOf(...args).forEach((shape, i) => {
      if (shape && shape.reduce((product, length) => product * length, 1) !== arrays[i].length) {
        throw new RangeError("another length");
      }
    });
    operation.checkContents?.({ where: "", find }, ...args);
    return true;
  } catch {
    return false;
  }
}

/** The numbers of arrays by name. */
type Contents = Record<string, readonly number[]>;

interface Outcome {
  readonly layer: string;
  readonly error?: string;
  readonly milliseconds: number;
  /** contents of the arrays before and after, by name; empty where the arguments are none */
  readonly before: Contents;
  readonly after: Contents;
  readonly isGuarded: boolean;
  readonly isTame: boolean;
}

function outcomeOf(kernels: Kernels, name: keyof typeof operations, { args, honest, isTame, guards }: Call): Outcome {
  const operation = operations[name] as Operation;
  const before = contentsOf(operation, honest);
  const guarded = guards.map((guard) => guard.slice());
  const started = performance.now();
  let error: string | undefined;
  try {
    (kernels[name] as AnyRun)(...args);
  } catch (thrown) {
    error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `threw ${String(thrown)}`;
  }
  const milliseconds = performance.now() - started;
  const isGuarded = guards.every((guard, i) => guard.every((byte, at) => byte === guarded[i][at]));
  const layer = `${kernels.layer} on ${kernels.threads}`;
  return { layer, error, milliseconds, before, after: contentsOf(operation, honest), isGuarded, isTame };
}

/** Copies of the arrays of a call that can be copied. */
function contentsOf(operation: Operation, args: unknown[]): Contents {
  const contents: Contents = {};
  try {
    const arrays = operation.arraysOf(...args);
    Object.keys(operation.arrays).forEach((name, i) => {
      const array = arrays[i];
      const kind = factsOf.kind(array);
      if (kind === "Float32Array" || kind === "Float64Array" || kind === "Int32Array") {
        contents[name] = [...plainView(array)];
      }
    });
  } catch {
    // arguments that are none have no arrays
  }
  return contents;
}

/** What is wrong with the outcomes of one call, if anything. */
function problemOf(
  outcomes: readonly Outcome[],
  name: keyof typeof operations,
  { faults, slow }: { faults: string[]; slow: number },
): string | undefined {
  const [first, ...others] = outcomes;
  const mustRefuse = faults.length === 1 && /^(detached|resizable|shared) memory/.test(faults[0]);
  for (const { layer, error, milliseconds, before, after, isGuarded } of outcomes) {
    if (!isGuarded) return `${layer} wrote outside of an array`;
    if (milliseconds > slow) return `${layer} took ${Math.round(milliseconds)} ms`;
    if (error === undefined && mustRefuse) return `${layer} takes ${faults[0]}`;
    const written = error !== undefined && differing(before, after);
    if (written) return `${layer} refused (${error}) and wrote ${written}`;
    if (error?.includes("internal:")) return `${layer}: ${error}`;
  }
  for (const other of others) {
    if (other.error !== first.error) {
      return `${first.layer}: ${first.error ?? "accepted"}; ${other.layer}: ${other.error ?? "accepted"}`;
    }
    const problem = first.error === undefined && first.isTame ? differentResults(first, other, name) : undefined;
    if (problem) return problem;
  }
  return undefined;
}

/** Name of an array whose contents differ. */
function differing(before: Contents, after: Contents): string | undefined {
  return Object.keys(before).find((name) => before[name].some((value, i) => !Object.is(value, after[name]?.[i])));
}

/** Float32 sums of some hundred terms of size 1, in any order. */
const TOLERANCE = 1e-4;

function differentResults(a: Outcome, b: Outcome, name: keyof typeof operations): string | undefined {
  const written = meaningfulLengths(a.after);
  for (const [array, { access }] of Object.entries((operations[name] as Operation).arrays)) {
    const [wanted, got] = [a.after[array], b.after[array]];
    if (access === "input" || !wanted) continue;
    const length = written[array] ?? wanted.length;
    let largest = 1;
    for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    for (let i = 0; i < length; i++) {
      if (Object.is(wanted[i], got[i]) || Math.abs(wanted[i] - got[i]) <= TOLERANCE * largest) continue;
      return `${array}[${i}] is ${wanted[i]} with ${a.layer}, ${got[i]} with ${b.layer}`;
    }
  }
  return undefined;
}
