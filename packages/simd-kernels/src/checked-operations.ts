import {
  checkApart,
  checkChoice,
  checkKind,
  checkLength,
  checkNumber,
  checkSameOrApart,
  checkSize,
  checkTriple,
  copyOfArgument,
  type FindOutside,
  factsOf,
  kinds,
} from "./check-arguments.js";
import { forOperations, type Operations } from "./operations/index.js";
import { type AnyRun, listSizes, type Operation, type Size, type SizeValue } from "./operations/operation.js";

/** `layer` behind the checks of every argument: the only place where sizes and indices are judged. */
export function checkedOperations(layer: Operations, find: FindOutside): Operations {
  return forOperations((name, operation) => checkedOperation(name, operation, layer[name], find));
}

/**
 * `run` behind the checks that `operation` asks for, each for all arguments: kinds of arrays, sizes, lengths, memory apart,
 * contents. Without a place to write nothing is run. Behind the four arguments `run` gets the lists of arrays and sizes, which a
 * compiled layer would else make again.
 */
function checkedOperation(where: string, operation: Operation, run: AnyRun, find: FindOutside): AnyRun {
  const names = Object.keys(operation.arrays);
  const arrayKinds = Object.values(operation.arrays).map(({ element }) => kinds[element]);
  const outputs = outputsOf(operation);
  const sizes = listSizes(operation.sizes);
  const sizeNames = sizes.map(([name]) => name);
  const sizeKinds = sizes.map(([, size]) => size);
  const check = { where, find };
  const { arraysOf, sizesOf, checkSizes, shapesOf, checkContents } = operation;
  return (...given) => {
    const [first, second, third, fourth] = given.map(copyOfArgument);
    const arrays = arraysOf(first, second, third, fourth);
    for (let i = 0; i < names.length; i++) checkKind(where, names[i], arrays[i], arrayKinds[i]);

    const values = sizesOf(first, second, third, fourth);
    for (let i = 0; i < sizeKinds.length; i++) checkSizeOf(where, sizeNames[i], sizeKinds[i], values[i]);
    checkSizes?.(where, first, second, third, fourth);

    const shapes = shapesOf(first, second, third, fourth);
    for (let i = 0; i < names.length; i++) {
      const shape = shapes[i];
      if (shape) checkLength(where, names[i], arrays[i], shape);
    }
    let room = 0;
    for (let i = 0; i < outputs.length; i++) {
      const { at, apartFrom, mayBe } = outputs[i];
      const buffer = factsOf.buffer(arrays[at]);
      room += factsOf.length(arrays[at]);
      for (let j = 0; j < apartFrom.length; j++) {
        const other = arrays[apartFrom[j]];
        if (factsOf.buffer(other) === buffer) checkApart(where, arrays[at], other);
      }
      for (let j = 0; j < mayBe.length; j++) {
        const other = arrays[mayBe[j]];
        if (factsOf.buffer(other) === buffer) checkSameOrApart(where, arrays[at], other);
      }
    }
    checkContents?.(check, first, second, third, fourth);
    if (room > 0) run(first, second, third, fourth, arrays, values);
  };
}

/** An output, and the places of the arrays that it is apart from and of those that it may be. */
interface OutputMemory {
  readonly at: number;
  readonly apartFrom: readonly number[];
  readonly mayBe: readonly number[];
}

/** Every output is apart from every other array, each pair of outputs once, but for inputs that it may be. */
function outputsOf({ arrays }: Operation): OutputMemory[] {
  const names = Object.keys(arrays);
  const isInput = (i: number) => arrays[names[i]].access === "input";
  const places = names.map((_, i) => i);
  return places
    .filter((at) => !isInput(at))
    .map((at) => {
      const others = places.filter((other) => other < at || isInput(other));
      const canBe = (other: number) => arrays[names[at]].mayBe.includes(names[other]);
      return { at, apartFrom: others.filter((other) => !canBe(other)), mayBe: others.filter(canBe) };
    });
}

function checkSizeOf(where: string, name: string, size: Size, value: SizeValue): void {
  if (size.kind === "index") checkSize(where, name, value as number, size.least);
  else if (size.kind === "choice") checkChoice(where, name, value as string, size.names);
  else if (size.kind === "real") checkNumber(where, name, value);
  else if (size.kind === "triple") checkTriple(where, name, value as readonly number[], size.least);
}
