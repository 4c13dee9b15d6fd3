// What an operation consists of, all in one object: what it takes, its checks, how compiled code gets it, its plain form.
// index.ts lists the operations; the checked, the compiled and the observed layers are loops over that list, and
// scripts/build-kernels.mjs writes the C++ side of the hand-over from it.
import type { FindOutside } from "../check-arguments.js";

/** An array that an operation reads or writes. */
export type KernelArray = Float32Array | Float64Array | Int32Array;

/** One array of an operation. */
export interface ArrayParameter {
  /** `real` is float32 or float64, whichever the caller has */
  readonly element: "float32" | "float64" | "int32" | "real";
  /** an output that is `updated` is also read */
  readonly access: "input" | "output" | "updated";
  /** the flag that says whether an `updated` array really is; without one it always is */
  readonly updatedIf?: string;
  /** names of the inputs that this output may be: the same memory from end to end. It is apart from all others. */
  readonly mayBe: readonly string[];
}

export const reads = (element: ArrayParameter["element"]): ArrayParameter => ({ element, access: "input", mayBe: [] });
export const writes = (element: ArrayParameter["element"], ...mayBe: readonly string[]): ArrayParameter => ({
  element,
  access: "output",
  mayBe,
});
export const updates = (element: ArrayParameter["element"], updatedIf?: string): ArrayParameter => ({
  element,
  access: "updated",
  updatedIf,
  mayBe: [],
});

/**
 * One size or setting of an operation. `index`: a whole number from `least` on that the caller gives; `count`: one that
 * follows from a checked array; `choice`: one of `names`, which are an enum of that type in C++; `triple`: a whole number for
 * each of z, y, x; `struct`: several, a struct of that type in C++.
 */
export type Size =
  | { readonly kind: "index"; readonly least: number }
  | { readonly kind: "count" | "real" | "flag" }
  | { readonly kind: "choice"; readonly type: string; readonly names: readonly string[] }
  | { readonly kind: "triple"; readonly least: number }
  | { readonly kind: "struct"; readonly type: string; readonly fields: Readonly<Record<string, Size>> };

/** What a caller gives for a size. */
export type SizeValue = number | boolean | string | undefined | readonly number[];

export const index = (least = 0): Size => ({ kind: "index", least });
export const count: Size = { kind: "count" };
export const real: Size = { kind: "real" };
export const flag: Size = { kind: "flag" };
export const choice = (type: string, names: readonly string[]): Size => ({ kind: "choice", type, names });
export const triple = (least = 0): Size => ({ kind: "triple", least });
export const struct = (type: string, fields: Readonly<Record<string, Size>>): Size => ({
  kind: "struct",
  type,
  fields,
});

// biome-ignore lint/suspicious/noExplicitAny: what every operation is assignable to.
export type AnyRun = (...args: any[]) => void;

/**
 * An operation that is called as `Run`: with the arrays that are read, those that are written, then sizes and settings, at most
 * four arguments in all. Each function takes the arguments of a call. What is given per call comes as lists: objects whose keys
 * differ from operation to operation would cost as much as a small kernel.
 */
export interface Operation<Run extends AnyRun = AnyRun> {
  /** by name, in the order in which compiled code gets them; a dot joins the names of a struct and of its part */
  readonly arrays: Readonly<Record<string, ArrayParameter>>;
  /** by name, in the order in which compiled code gets them */
  readonly sizes: Readonly<Record<string, Size>>;
  /** the arrays, in the order of `arrays` */
  arraysOf(...args: Parameters<Run>): readonly KernelArray[];
  /** the sizes, in the order of {@link listSizes}, once the arrays' kinds are checked */
  sizesOf(...args: Parameters<Run>): readonly SizeValue[];
  /** throws RangeError for what is wrong with the sizes beyond their kinds */
  checkSizes?(where: string, ...args: Parameters<Run>): void;
  /** the shape that each array must have, in the order of `arrays`, once the sizes are checked; null: any length will do */
  shapesOf(...args: Parameters<Run>): readonly (readonly number[] | null)[];
  /** throws RangeError for wrong contents: indices, orders, starts */
  checkContents?(check: ContentCheck, ...args: Parameters<Run>): void;
  /** the operation in plain loops: the reference of the compiled layers and the last resort; arguments are checked */
  plain(...args: Parameters<Run>): void;
}

/** What `checkContents` gets: the operation's name for messages, and the layer's search for a wrong index. */
export interface ContentCheck {
  readonly where: string;
  readonly find: FindOutside;
}

/** The operations that an interface of functions declares, by name. */
export type OperationTable<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends AnyRun ? Operation<Operations[Name]> : never;
};

/** Sizes with their names, those of a `struct` in its place: the order in which `sizesOf` lists them. */
export function listSizes(sizes: Operation["sizes"]): (readonly [name: string, size: Size])[] {
  return Object.entries(sizes).flatMap(([name, size]) =>
    size.kind === "struct" ? listSizes(size.fields) : [[name, size] as const],
  );
}
