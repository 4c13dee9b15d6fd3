import util from "node:util";

/** What TensorFlow's packages for Node (4.22, the last ones) call of `util`, by the meaning that it had there. */
const MISSED = {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
};

/**
 * Gives `util` back what Node 23 took away, where it is gone, so that `@tensorflow/tfjs-node` and `-gpu` run. Nothing that Node has is
 * replaced; can be called again.
 */
export function repairNodeUtil(target: object = util): void {
  for (const [name, value] of Object.entries(MISSED)) {
    if (name in target) continue;
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
  }
}
