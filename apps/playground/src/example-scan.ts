import exampleUrl from "virtual:example-scan";
import type { ScanFile } from "./detector.js";

/** A simulated street that comes with the page. */
export async function exampleScan(): Promise<ScanFile> {
  const response = await fetch(exampleUrl);
  return { name: "a simulated street", bytes: new Uint8Array(await response.arrayBuffer()) };
}
