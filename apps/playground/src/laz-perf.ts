/** What the page has for `laz-perf`: its WebAssembly within the page, which opens from a disk and may fetch nothing. */
import create from "laz-perf/lib/web/laz-perf.js";
import wasm from "laz-perf/lib/web/laz-perf.wasm?url&inline";

export function createLazPerf(options: object): Promise<unknown> {
  const base64 = wasm.slice(wasm.indexOf(",") + 1);
  const { buffer } = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return create({ ...options, wasmBinary: buffer });
}
