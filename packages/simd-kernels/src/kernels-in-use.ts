import type { Kernels } from "./kernels.js";
import { type KernelObserver, observedOperations } from "./observed-operations.js";

/** The one `Kernels` of a process or page, opened at the first use and kept, and the observer around it. */
export class KernelsInUse {
  private opened: Kernels | undefined;
  private observed: Kernels | undefined;

  /** @param open called once; what it throws goes to the caller */
  constructor(private readonly open: () => Kernels) {}

  get(): Kernels {
    if (!this.observed) this.observe(undefined);
    return this.observed as Kernels;
  }

  observe(observer: KernelObserver | undefined): void {
    this.opened ??= this.open();
    this.observed = observer ? { ...this.opened, ...observedOperations(this.opened, observer) } : this.opened;
  }
}
