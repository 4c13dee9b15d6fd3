import type { Target } from "../target.js";
import { commandLines } from "./command-lines.js";
import { configurations } from "./configurations.js";
import { folders } from "./folders.js";
import { kittiFiles } from "./kitti-files.js";
import { pointClouds } from "./point-clouds.js";
import { runFiles } from "./run-files.js";

/** Everything that reads what others may have written. */
export const targets: readonly Target[] = [
  ...kittiFiles,
  ...pointClouds,
  ...folders,
  ...configurations,
  ...runFiles,
  ...commandLines,
];

/** @throws Error naming the targets that there are */
export function targetNamed(name: string): Target {
  const target = targets.find((each) => each.name === name);
  if (target !== undefined) return target;
  throw new Error(`expected one of ${targets.map((each) => each.name).join(", ")}, got ${JSON.stringify(name)}`);
}
