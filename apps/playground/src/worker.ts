import * as tf from "@tensorflow/tfjs-core";
import { decodePretrained } from "second-weights/decode";
import weightsUrl from "second-weights/weights/second-small.safetensors?url";
import { type Kernels, prepareKernels } from "simd-kernels";
import { registerSimdBackend } from "tfjs-backend-simd";
import { ScanDetector } from "./detector.js";
import type { FindRequest, WorkerMessage } from "./messages.js";

const say = (message: WorkerMessage) => postMessage(message);

const opened = open();
opened.catch((error: Error) => say({ kind: "failed", message: error.message }));

async function open(): Promise<ScanDetector> {
  const [kernels, response] = await Promise.all([prepareKernels(), fetch(weightsUrl)]);
  registerSimdBackend();
  await tf.setBackend("simd");
  const pretrained = decodePretrained(new Uint8Array(await response.arrayBuffer()), "second-small");
  const detector = new ScanDetector(pretrained);
  say({ kind: "ready", card: pretrained.card, computedBy: nameOf(kernels) });
  return detector;
}

function nameOf({ layer, instructionSet }: Kernels): string {
  if (layer !== "wasm") return layer;
  return `WebAssembly with ${instructionSet === "simd128fma" ? "relaxed SIMD" : "SIMD"}, one thread`;
}

addEventListener("message", async ({ data: { scan, range } }: MessageEvent<FindRequest>) => {
  try {
    const detector = await opened;
    say({ kind: "found", found: await detector.find(scan, range) });
    say({ kind: "read", reading: detector.readEntropies(scan) });
  } catch (error) {
    say({ kind: "failed", message: (error as Error).message });
  }
});
