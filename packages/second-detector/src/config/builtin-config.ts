import type { DetectorConfig } from "./detector-config.js";
import { parseDetectorConfig } from "./parse-detector-config.js";
import secondKitti from "./second-kitti.yaml?raw";
import secondMini from "./second-mini.yaml?raw";

const TEXTS = { "second-mini": secondMini, "second-kitti": secondKitti } as const;

/** A configuration that comes with the package. */
export type BuiltinConfigName = keyof typeof TEXTS;

/** Names of the configurations that come with the package. */
export const builtinConfigNames: readonly BuiltinConfigName[] = Object.freeze(
  Object.keys(TEXTS),
) as readonly BuiltinConfigName[];

/** Whether {@link builtinConfig} knows `name`. */
export function isBuiltinConfigName(name: string): name is BuiltinConfigName {
  return Object.hasOwn(TEXTS, name);
}

/**
 * A configuration that comes with the package.
 *
 * - `second-mini`: SECOND at a 10 cm grid over 38.4 m × 38.4 m with a narrow network: for tests and first runs on a CPU.
 * - `second-kitti`: SECOND for KITTI with three classes, at the numbers of MMDetection3D.
 * @throws RangeError if there is none of that name
 */
export function builtinConfig(name: BuiltinConfigName): DetectorConfig {
  return parseDetectorConfig(builtinConfigText(name), `${name}.yaml`);
}

/**
 * The YAML text of {@link builtinConfig}: a start for a configuration of one's own.
 * @throws RangeError if there is none of that name
 */
export function builtinConfigText(name: BuiltinConfigName): string {
  if (!isBuiltinConfigName(name)) {
    throw new RangeError(`builtinConfig: expected one of ${builtinConfigNames.join(", ")} for name, got ${name}`);
  }
  return TEXTS[name];
}
