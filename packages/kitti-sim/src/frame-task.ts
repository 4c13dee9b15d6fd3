import { writeFrame } from "./frame-files.js";
import { type FrameOptions, simulateFrame } from "./simulate-frame.js";

/** A frame to make and write. */
export interface FrameTask extends FrameOptions {
  readonly root: string;
  readonly id: string;
}

/** The code of a thread: makes a frame and writes its files. */
export default async function runFrameTask({ root, id, ...options }: FrameTask): Promise<void> {
  await writeFrame(root, id, simulateFrame(options));
}
