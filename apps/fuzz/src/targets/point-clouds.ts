import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { readPointCloud } from "point-cloud-io";
import type { Target } from "../target.js";

/** Scans that `point-cloud-io` has for its own tests: they are the only ones packed here. */
const FILES = join(dirname(createRequire(import.meta.url).resolve("point-cloud-io/package.json")), "test/fixtures");

/** Scans of other formats than KITTI's. The package's own tests damage those that it can write; these are packed. */
export const pointClouds: readonly Target[] = [
  {
    name: "laz",
    file: "scan.laz",
    seeds: () =>
      readdirSync(FILES)
        .filter((name) => name.endsWith(".laz"))
        .map((name) => readFileSync(join(FILES, name))),
    read: (path) => readPointCloud(readFileSync(path), { name: basename(path) }),
  },
];
