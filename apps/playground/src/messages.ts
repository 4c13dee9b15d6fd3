import type { ModelCard } from "second-weights/decode";
import type { EntropyReading, Found, Range, ScanFile } from "./detector.js";

/** What computes: the processor, or the graphics processor. */
export type Engine = "wasm" | "webgpu";

/** What the page asks of the worker: one scan at a time. */
export interface FindRequest {
  readonly scan: ScanFile;
  readonly range: Range;
  readonly engine: Engine;
}

/** What the worker found, and how. */
export interface Answer {
  readonly found: Found;
  /** for people */
  readonly computedBy: string;
  /** why WebAssembly took the place of WebGPU, if it did */
  readonly gaveUp?: string;
}

/** What the worker says. */
export type WorkerMessage =
  | { readonly kind: "ready"; readonly card: ModelCard }
  | { readonly kind: "found"; readonly answer: Answer }
  | { readonly kind: "read"; readonly reading: EntropyReading }
  | { readonly kind: "unread"; readonly reason: string }
  | { readonly kind: "failed"; readonly message: string };
