import { printable } from "checked-text";
import { firstNotFinite, type NamedArray } from "../named-array.js";
import type { Unit } from "../network/unit.js";
import { unitTensors } from "../network/unit-tensors.js";

/** A tensor of a public checkpoint and its place in our weights. */
export interface RenamedTensor {
  readonly theirs: string;
  readonly ours: string;
  /** Shape in our weights. */
  readonly shape: readonly number[];
  /** Which of their axes each of ours is; several ways where published files differ, told apart by their shape. */
  readonly axes: readonly (readonly number[])[];
}

/** A tensor as a public file holds it: weights are float32, counters are not. */
export interface PublicTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<unknown>;
}

/** What a PyTorch file holds beside weights: no weight of ours, whatever its type. */
const BOOKKEEPING = /(^|\.)(num_batches_tracked|global_step)$/;

/**
 * Tensors of a public checkpoint under our names and in our layout.
 * @param ignored names of theirs that have no place here
 * @throws RangeError that lists every missing name, every name too many, every tensor of another shape or type and every one
 *   with a NaN or infinite number
 */
export function fromPublicNames(
  caller: string,
  table: readonly RenamedTensor[],
  { tensors, ignored }: { readonly tensors: ReadonlyMap<string, PublicTensor>; readonly ignored?: RegExp },
): Map<string, NamedArray> {
  const known = new Set(table.map(({ theirs }) => theirs));
  const faults: string[] = [];
  const missing = table.filter(({ theirs }) => !tensors.has(theirs)).map(({ theirs }) => theirs);
  const unknown = [...tensors.keys()].filter(
    (name) => !known.has(name) && !BOOKKEEPING.test(name) && !ignored?.test(name),
  );
  if (missing.length > 0) faults.push(`missing ${missing.join(", ")}`);
  if (unknown.length > 0) faults.push(`unknown ${unknown.join(", ")}`);
  const converted = new Map<string, NamedArray>();
  const layout = layoutOfFile(table, tensors);
  for (const { theirs, ours, shape, axes } of table) {
    const tensor = tensors.get(theirs);
    if (tensor === undefined) continue;
    const fits = (each: readonly number[]) => String(shapeOfTheirs(shape, each)) === String(tensor.shape);
    const fitting = axes.length > layout && fits(axes[layout]) ? axes[layout] : axes.find(fits);
    if (fitting === undefined) {
      const wanted = axes.map((each) => `[${shapeOfTheirs(shape, each).join(", ")}]`).join(" or ");
      faults.push(`expected shape ${wanted} for ${theirs}, got [${tensor.shape.join(", ")}]`);
      continue;
    }
    // Only now: numbers of a PyTorch file are read when they are asked for, and there are as many as the shape says.
    const { data } = tensor;
    if (!(data instanceof Float32Array)) {
      faults.push(`expected float32 numbers for ${theirs}, got another type`);
      continue;
    }
    const at = firstNotFinite(data);
    if (at >= 0) faults.push(`expected finite numbers for ${theirs}, got ${data[at]} at ${at}`);
    else converted.set(ours, permuteAxes({ shape: tensor.shape, data }, fitting));
  }
  if (faults.length > 0) {
    throw new RangeError(printable(`${caller}: weights do not fit the configuration: ${faults.join("; ")}`));
  }
  return converted;
}

/**
 * Our arrays under the names of a public checkpoint, in the first of its layouts: the inverse of {@link fromPublicNames}.
 * @throws RangeError if one is missing
 */
export function toPublicNames(
  caller: string,
  table: readonly RenamedTensor[],
  arrays: ReadonlyMap<string, NamedArray>,
): Map<string, NamedArray> {
  return new Map(
    table.map(({ theirs, ours, axes: [axes] }) => {
      const array = arrays.get(ours);
      if (array === undefined) throw new RangeError(`${caller}: expected an array named ${ours}, got none`);
      // axis i of ours is their axis axes[i], so their axis j is ours axes.indexOf(j)
      return [
        theirs,
        permuteAxes(
          array,
          Array.from(axes.keys(), (j) => axes.indexOf(j)),
        ),
      ];
    }),
  );
}

/**
 * Which of its layouts a file has, as one program has written all of it: the first that fits every tensor which may come in
 * several. The shape of a single one may fit two, such as [3, 3, 3, 3, 3] of a kernel from three channels to three.
 */
function layoutOfFile(table: readonly RenamedTensor[], tensors: ReadonlyMap<string, PublicTensor>): number {
  const several = table.filter(({ theirs, axes }) => axes.length > 1 && tensors.has(theirs));
  const fits = (layout: number) =>
    several.every(
      ({ theirs, shape, axes }) => String(shapeOfTheirs(shape, axes[layout])) === String(tensors.get(theirs)!.shape),
    );
  const most = Math.max(0, ...several.map(({ axes }) => axes.length));
  return Math.max(0, Array.from({ length: most }, (_, layout) => layout).findIndex(fits));
}

function shapeOfTheirs(shape: readonly number[], axes: readonly number[]): number[] {
  const theirs: number[] = [];
  axes.forEach((axis, i) => {
    theirs[axis] = shape[i];
  });
  return theirs;
}

/** The same numbers with other axes: axis i of the result is axis axes[i] of the array. */
function permuteAxes({ shape, data }: NamedArray, axes: readonly number[]): NamedArray {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1));
  const newShape = axes.map((axis) => shape[axis]);
  const steps = axes.map((axis) => strides[axis]);
  const permuted = new Float32Array(data.length);
  const index = axes.map(() => 0);
  let from = 0;
  for (let to = 0; to < permuted.length; to++) {
    permuted[to] = data[from];
    for (let axis = index.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < newShape[axis]) break;
      from -= steps[axis] * newShape[axis];
      index[axis] = 0;
    }
  }
  return { shape: newShape, data: permuted };
}

/** Prefixes of a public checkpoint's tensors: of filter and bias, and of the norm. */
export interface PublicUnit {
  readonly products: string;
  readonly norm?: string;
}

const NORM_PARTS: Readonly<Record<string, string>> = {
  "bn.gamma": "weight",
  "bn.beta": "bias",
  "bn.mean": "running_mean",
  "bn.var": "running_var",
};

/** The tensors of a unit beside those of a PyTorch module. */
export function renamedUnit({ products, norm }: PublicUnit, unit: Unit): RenamedTensor[] {
  return unitTensors(unit).map(({ name, shape }) => {
    const part = name.slice(unit.name.length + 1);
    const theirs = part in NORM_PARTS ? `${norm}.${NORM_PARTS[part]}` : `${products}.${part}`;
    return { theirs, ours: name, shape, axes: part === "weight" ? unit.kind.pytorchAxes : [[0]] };
  });
}
