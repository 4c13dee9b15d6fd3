import * as tf from "@tensorflow/tfjs-core";
import { decodePretrained } from "second-weights/decode";
import aheadUrl from "second-weights/weights/second-small.safetensors?url";
import roundUrl from "second-weights/weights/second-small-full.safetensors?url";
import { type Kernels, prepareKernels } from "simd-kernels";
import { registerSimdBackend } from "tfjs-backend-simd";
import { type PretrainedDetectors, ScanDetector } from "./detector.js";
import { GpuDetector } from "./gpu-detector.js";
import type { Answer, FindRequest, WorkerMessage } from "./messages.js";

const say = (message: WorkerMessage) => postMessage(message);

interface Opened {
  readonly pretrained: PretrainedDetectors;
  readonly detector: ScanDetector;
  readonly computedBy: string;
}

const opened = open();
opened.catch((error: Error) => say({ kind: "failed", message: error.message }));

async function open(): Promise<Opened> {
  const [kernels, ahead, round] = await Promise.all([
    prepareKernels(),
    load("second-small", aheadUrl),
    load("second-small-full", roundUrl),
  ]);
  registerSimdBackend();
  await tf.setBackend("simd");
  const pretrained = { ahead, round };
  say({ kind: "ready", card: ahead.card });
  return { pretrained, detector: new ScanDetector(pretrained), computedBy: nameOf(kernels) };
}

async function load(name: string, url: string) {
  const response = await fetch(url);
  return decodePretrained(new Uint8Array(await response.arrayBuffer()), name);
}

function nameOf({ layer, instructionSet }: Kernels): string {
  if (layer !== "wasm") return layer;
  return `WebAssembly with ${instructionSet === "simd128fma" ? "relaxed SIMD" : "SIMD"}, one thread`;
}

let gpu: Promise<GpuDetector> | undefined;

/** @throws Error that says what is wrong with the scan */
async function find({ scan, range, engine }: FindRequest): Promise<Answer> {
  const { pretrained, detector, computedBy } = await opened;
  const onWasm = async () => {
    await tf.setBackend("simd");
    return { found: await detector.find(scan, range), computedBy };
  };
  if (engine === "wasm") return onWasm();
  try {
    gpu ??= GpuDetector.open(pretrained);
    const onGpu = await gpu;
    return { found: await onGpu.find(scan, range), computedBy: onGpu.name };
  } catch (error) {
    const answer = await onWasm(); // throws, too, where the scan is at fault
    return { ...answer, gaveUp: (error as Error).message };
  }
}

addEventListener("message", async ({ data }: MessageEvent<FindRequest>) => {
  try {
    say({ kind: "found", answer: await find(data) });
  } catch (error) {
    return say({ kind: "failed", message: (error as Error).message });
  }
  try {
    const { detector } = await opened;
    await tf.setBackend("simd"); // reads at once, which WebGPU cannot
    say({ kind: "read", reading: detector.readEntropies(data.scan, data.range) });
  } catch (error) {
    say({ kind: "unread", reason: (error as Error).message });
  }
});
