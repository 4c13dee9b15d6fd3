/** How often a kernel ran here and how often it was handed to the stock implementation of the `cpu` backend. */
export interface KernelCount {
  readonly here: number;
  readonly stock: number;
}

const counts = new Map<string, { here: number; stock: number }>();

/** The live counter of a kernel, made on first use. */
export function counterOf(kernelName: string): { here: number; stock: number } {
  let count = counts.get(kernelName);
  if (!count) {
    count = { here: 0, stock: 0 };
    counts.set(kernelName, count);
  }
  return count;
}

/** A snapshot of the kernels called at least once, by name. */
export function kernelCounts(): Record<string, KernelCount> {
  const called = [...counts].filter(([, count]) => count.here + count.stock > 0);
  return Object.fromEntries(called.map(([name, count]) => [name, { ...count }]));
}

/** Sets every counter back to 0. */
export function resetKernelCounts(): void {
  for (const count of counts.values()) {
    count.here = 0;
    count.stock = 0;
  }
}
