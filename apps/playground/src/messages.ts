import type { ModelCard } from "second-weights/decode";
import type { EntropyReading, Found, Range, ScanFile } from "./detector.js";

/** What the page asks of the worker: one scan at a time. */
export interface FindRequest {
  readonly scan: ScanFile;
  readonly range: Range;
}

/** What the worker says. */
export type WorkerMessage =
  | { readonly kind: "ready"; readonly card: ModelCard /** what computes, for people */; readonly computedBy: string }
  | { readonly kind: "found"; readonly found: Found }
  | { readonly kind: "read"; readonly reading: EntropyReading }
  | { readonly kind: "failed"; readonly message: string };
