import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this code runs from: the bundle in dist/, or a source file under src/. */
export const moduleLocation = import.meta.url;

/** Folder of the built kernels: beside the bundle, else dist/ of the package whose source runs. */
function artifactFolder(): string {
  const here = dirname(fileURLToPath(moduleLocation));
  const folders = [here, join(here, "..", "..", "dist")];
  return folders.find((folder) => existsSync(join(folder, "layers.json"))) ?? here;
}

/** Path of a built kernel file; throws Error with the reason that the build step left if it is not there. */
export function artifactPath(layer: "native" | "wasm", name: string): string {
  const folder = artifactFolder();
  const path = join(folder, name);
  if (existsSync(path)) return path;
  let reason = `${name} is not in the package`;
  try {
    const built = JSON.parse(readFileSync(join(folder, "layers.json"), "utf8"))[layer];
    if (built?.built === false) reason = built.reason;
  } catch {
    // no record of the build: keep the plain reason
  }
  throw new Error(`not built: ${reason}`);
}
