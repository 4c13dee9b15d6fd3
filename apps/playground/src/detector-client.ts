import type { ModelCard } from "second-weights/decode";
import type { EntropyReading } from "./detector.js";
import type { Answer, FindRequest, WorkerMessage } from "./messages.js";

/** What a page hears of the detector beside the answers to what it asks: after each answer a reading, or why there is none. */
export interface DetectorListeners {
  onLoaded(card: ModelCard): void;
  /** some time after an answer: what the layers say about the same scan */
  onReading(reading: EntropyReading): void;
  /** that will not be known, and why */
  onUnread(reason: string): void;
}

/** A thread that has the detector. */
export interface DetectorThread {
  postMessage(request: FindRequest): void;
  terminate(): void;
}

export interface ThreadListeners {
  onMessage(message: WorkerMessage): void;
  /** it answers no more */
  onBreak(reason: string): void;
}

export type StartThread = (listeners: ThreadListeners) => DetectorThread;

/** The detector in a thread of its own, so that the page stays alive. */
export class DetectorClient {
  readonly #start: StartThread;
  readonly #listeners: DetectorListeners;
  #thread?: DetectorThread;
  /** who waits for an answer */
  #search?: { resolve(answer: Answer): void; reject(error: Error): void };
  /** whether the layers of what was found last are still to be read */
  #isUnread = false;

  constructor(start: StartThread, listeners: DetectorListeners) {
    this.#start = start;
    this.#listeners = listeners;
  }

  /**
   * Looks for objects; a search that still runs is cancelled.
   * @throws Error with what is wrong; an AbortError if it was cancelled
   */
  find(request: FindRequest): Promise<Answer> {
    this.cancel();
    return new Promise((resolve, reject) => {
      this.#search = { resolve, reject };
      this.#thread ??= this.#startThread();
      this.#thread.postMessage(request);
    });
  }

  /** Ends a search that runs, and with it what the thread does besides. */
  cancel(): void {
    if (this.#search === undefined) return;
    this.#thread?.terminate();
    this.#end(new DOMException("cancelled", "AbortError"));
  }

  #startThread(): DetectorThread {
    const ifCurrent = (act: () => void) => {
      if (thread === this.#thread) act(); // one that was ended says nothing more
    };
    const thread = this.#start({
      onMessage: (message) => ifCurrent(() => this.#hear(message)),
      onBreak: (reason) => ifCurrent(() => this.#end(new Error(reason))),
    });
    return thread;
  }

  #hear(message: WorkerMessage): void {
    const { kind } = message;
    if (kind === "ready") this.#listeners.onLoaded(message.card);
    else if (kind === "read" || kind === "unread") {
      this.#isUnread = false;
      if (kind === "read") this.#listeners.onReading(message.reading);
      else this.#listeners.onUnread(message.reason);
    } else {
      const search = this.#search;
      this.#search = undefined;
      this.#isUnread = kind === "found";
      if (kind === "found") search?.resolve(message.answer);
      else search?.reject(new Error(message.message));
    }
  }

  /** Does without the thread: the next search has a new one. */
  #end(error: Error): void {
    const search = this.#search;
    this.#thread = undefined;
    this.#search = undefined;
    search?.reject(error);
    if (!this.#isUnread) return;
    this.#isUnread = false;
    this.#listeners.onUnread(error.message);
  }
}
