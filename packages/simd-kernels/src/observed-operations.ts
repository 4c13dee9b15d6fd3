import type { Operations } from "./operations.js";
import { typescriptLayer } from "./typescript/typescript-layer.js";

/** One call of an operation: what is called and with what. */
export interface ObservedCall {
  readonly operation: keyof Operations;
  /** as the operation received them; not to be changed */
  readonly args: readonly unknown[];
}

/** Stands around every call; must call `run`, which does the work, exactly once. */
export type KernelObserver = (call: ObservedCall, run: () => void) => void;

/** `operations` with an observer around each. */
export function observedOperations(operations: Operations, observer: KernelObserver): Operations {
  const names = Object.keys(typescriptLayer) as (keyof Operations)[];
  const observed = names.map((operation) => {
    const plain = operations[operation] as (...args: unknown[]) => void;
    return [operation, (...args: unknown[]) => observer({ operation, args }, () => plain(...args))];
  });
  return Object.fromEntries(observed);
}
