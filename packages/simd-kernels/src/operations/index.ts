// Every operation, once: what the layers loop over, and what the build writes C++ from. A new one is a file of this folder, a
// line in each of the two lists below and a header of native/ with its `run`.
import { type AdamwOperations, adamwOperations } from "./adamw.js";
import { type BatchNormOperations, batchNormOperations } from "./batch-norm.js";
import { type BinaryOperations, binaryOperations } from "./binary.js";
import { type BoundedNeighbourOperations, boundedNeighbourOperations } from "./bounded-neighbours.js";
import { type Conv2dOperations, conv2dOperations } from "./conv2d.js";
import { type EdgeGradientOperations, edgeGradientOperations } from "./edge-gradient.js";
import { checkOperations } from "./find-outside.js";
import { type GemmOperations, gemmOperations } from "./gemm.js";
import { type KthNeighbourOperations, kthNeighbourOperations } from "./kth-neighbours.js";
import { type MappedGemmOperations, mappedGemmOperations } from "./mapped-gemm.js";
import type { Operation, OperationTable } from "./operation.js";
import { type PatchHeadsOperations, patchHeadsOperations } from "./patch-heads.js";
import { type PeakOperations, peakOperations } from "./peak.js";
import { type ReduceOperations, reduceOperations } from "./reduce.js";
import { type RowPairOperations, rowPairOperations } from "./row-pair-distances.js";
import { type RowOperations, rowOperations } from "./rows.js";
import { type SegmentMaxOperations, segmentMaxOperations } from "./segment-max.js";
import { type ShiftedPairsOperations, shiftedPairsOperations } from "./shifted-pairs.js";
import { type SortKeysOperations, sortKeysOperations } from "./sort-keys.js";
import { type SortSitesOperations, sortSitesOperations } from "./sort-sites.js";
import { type TreeNeighbourOperations, treeNeighbourOperations } from "./tree-neighbours.js";
import { type UnaryOperations, unaryOperations } from "./unary.js";
import { type WindowPairsOperations, windowPairsOperations } from "./window-pairs.js";

/** Integer operations that index maps of sparse convolutions are made of: the same numbers on every layer. */
export interface RulebookOperations
  extends SortKeysOperations,
    SortSitesOperations,
    ShiftedPairsOperations,
    WindowPairsOperations {}

/**
 * The operations of a layer: what is read, what is written, sizes and settings, in this order. All arrays are row-major
 * `Float32Array`s of exactly the size named; index arrays are `Int32Array`. An output may not share memory with another array
 * unless the operation says so. Every element of an output is summed by one thread in a fixed order, so the bits do not depend
 * on the number of threads; they do differ between layers, by float32 rounding, but for {@link RulebookOperations}. Every
 * operation throws TypeError for an array of another kind and RangeError for a wrong length, size or index, before anything is
 * written.
 */
export interface Operations
  extends GemmOperations,
    MappedGemmOperations,
    Conv2dOperations,
    PatchHeadsOperations,
    RowPairOperations,
    BatchNormOperations,
    RowOperations,
    SegmentMaxOperations,
    BinaryOperations,
    UnaryOperations,
    ReduceOperations,
    AdamwOperations,
    PeakOperations,
    KthNeighbourOperations,
    TreeNeighbourOperations,
    BoundedNeighbourOperations,
    EdgeGradientOperations,
    RulebookOperations {}

/** Each operation of {@link Operations} by its name. */
export const operations: OperationTable<Operations> = {
  ...gemmOperations,
  ...mappedGemmOperations,
  ...conv2dOperations,
  ...patchHeadsOperations,
  ...rowPairOperations,
  ...batchNormOperations,
  ...rowOperations,
  ...segmentMaxOperations,
  ...binaryOperations,
  ...unaryOperations,
  ...reduceOperations,
  ...adamwOperations,
  ...peakOperations,
  ...kthNeighbourOperations,
  ...treeNeighbourOperations,
  ...boundedNeighbourOperations,
  ...edgeGradientOperations,
  ...sortKeysOperations,
  ...sortSitesOperations,
  ...shiftedPairsOperations,
  ...windowPairsOperations,
};

/** What compiled code can do, in the order of its enum `OperationCode`: the operations, and a service to their checks. */
export const compiledOperations: Readonly<Record<string, Operation>> = { ...operations, ...checkOperations };

/** An object with a function for each operation, which `make` gives. */
export function forOperations(make: (name: keyof Operations, operation: Operation) => unknown): Operations {
  const names = Object.keys(operations) as (keyof Operations)[];
  return Object.fromEntries(names.map((name) => [name, make(name, operations[name])])) as unknown as Operations;
}
