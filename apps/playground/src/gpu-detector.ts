import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { type Found, type PretrainedDetectors, type Range, ScanDetector, type ScanFile } from "./detector.js";
import { adapterName, FAULTS, type GraphicsDevice, graphicsAdapter } from "./graphics.js";

/** Trained weights on the graphics processor. */
export class GpuDetector {
  readonly name: string;
  readonly #detector: ScanDetector;
  readonly #device: GraphicsDevice;
  /** rejects when the device is lost */
  readonly #lost: Promise<never>;

  private constructor(name: string, device: GraphicsDevice, detector: ScanDetector) {
    this.name = name;
    this.#device = device;
    this.#detector = detector;
    this.#lost = device.lost.then(({ message }) => {
      throw new Error(message || "the device was lost");
    });
    this.#lost.catch(() => {}); // heard where somebody waits
  }

  /** @throws Error if there is no adapter, or it gives no device */
  static async open(pretrained: PretrainedDetectors): Promise<GpuDetector> {
    const adapter = await graphicsAdapter();
    if (adapter === null) throw new Error("there is no graphics adapter");
    if (!(await tf.setBackend("webgpu"))) throw new Error("the adapter gives no device");
    const { device } = tf.backend() as unknown as { readonly device: GraphicsDevice };
    return new GpuDetector(`WebGPU (${adapterName(adapter)})`, device, new ScanDetector(pretrained));
  }

  /**
   * As {@link ScanDetector.find}. What was looked at before has to have ended.
   * @throws Error if the device is lost or refuses work, which leaves results of any values
   */
  async find(scan: ScanFile, range: Range): Promise<Found> {
    await tf.setBackend("webgpu");
    for (const fault of FAULTS) this.#device.pushErrorScope(fault);
    const outcome = Promise.race([this.#detector.find(scan, range), this.#lost]);
    await outcome.catch(() => {}); // may follow from a fault, which is told first
    const faults = await Promise.all(FAULTS.map(() => this.#device.popErrorScope().catch(() => null)));
    const fault = faults.find((each) => each !== null);
    if (fault) throw new Error(fault.message);
    return outcome;
  }
}
