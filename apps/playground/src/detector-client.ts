import type { ModelCard } from "second-weights/decode";
import type { EntropyReading } from "./detector.js";
import type { Answer, FindRequest, WorkerMessage } from "./messages.js";
import DetectorWorker from "./worker.ts?worker&inline";

/** What a page hears of the detector beside the answers to what it asks. */
export interface DetectorListeners {
  onLoaded(card: ModelCard): void;
  /** some time after each answer: what the layers say about the same scan */
  onReading(reading: EntropyReading): void;
}

/** The detector in a thread of its own, so that the page stays alive. */
export class DetectorClient {
  #worker?: Worker;
  readonly #listeners: DetectorListeners;

  constructor(listeners: DetectorListeners) {
    this.#listeners = listeners;
  }

  /**
   * Looks for objects; a search that still runs is cancelled.
   * @throws Error with what is wrong; an AbortError if it was cancelled
   */
  find(request: FindRequest): Promise<Answer> {
    this.cancel();
    const worker = this.#worker ?? this.#start();
    return new Promise((resolve, reject) => {
      this.#cancel = () => {
        worker.terminate();
        this.#worker = undefined;
        reject(new DOMException("cancelled", "AbortError"));
      };
      const end = (settle: () => void) => {
        this.#cancel = undefined;
        settle();
      };
      worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
        if (data.kind === "ready") this.#listeners.onLoaded(data.card);
        else if (data.kind === "read") this.#listeners.onReading(data.reading);
        else if (data.kind === "found") end(() => resolve(data.answer));
        else end(() => reject(new Error(data.message)));
      };
      worker.onerror = ({ message }) => {
        this.#worker = undefined; // the next search has a new one
        end(() => reject(new Error(message || "the detector's thread broke off")));
      };
      worker.postMessage(request);
    });
  }

  /** Ends a search that runs. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #cancel?: () => void;

  #start(): Worker {
    this.#worker = new DetectorWorker();
    return this.#worker;
  }
}
