import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodePretrained, type PretrainedDetector } from "./pretrained-file.js";

/** The detectors that come with the package. */
export const pretrainedNames = ["second-small", "second-small-full", "pointpillars-small", "pointnet-small"] as const;

/** A detector that comes with the package. */
export type PretrainedName = (typeof pretrainedNames)[number];

/**
 * Where a detector's file lies, for a bundler or a server.
 * @throws RangeError if there is none of that name
 */
export function pretrainedUrl(name: PretrainedName): URL {
  if (!pretrainedNames.includes(name)) {
    throw new RangeError(`pretrainedUrl: expected one of ${pretrainedNames.join(", ")} for name, got ${name}`);
  }
  return new URL(`../weights/${name}.safetensors`, import.meta.url); // the same from src/ and from dist/
}

/** A detector that comes with the package. @throws RangeError if there is none of that name */
export function readPretrained(name: PretrainedName): PretrainedDetector {
  const path = fileURLToPath(pretrainedUrl(name));
  return decodePretrained(readFileSync(path), path);
}
