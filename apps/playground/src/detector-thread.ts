import type { StartThread } from "./detector-client.js";
import DetectorWorker from "./worker.ts?worker&inline";

/** The detector in a worker. */
export const startThread: StartThread = ({ onMessage, onBreak }) => {
  const worker = new DetectorWorker();
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = ({ message }) => onBreak(message || "the detector's thread broke off");
  return worker;
};
