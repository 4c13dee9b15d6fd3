import { forOperations, type Operations } from "./operations/index.js";

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
  return forOperations((operation) => {
    const plain = operations[operation] as (...args: unknown[]) => void;
    return (...args: unknown[]) => observer({ operation, args }, () => plain(...args));
  });
}
