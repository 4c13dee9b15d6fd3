import { checkAs, deepFreeze, parseYaml } from "checked-text";
import type { DetectorConfig } from "./detector-config.js";
import { detectorSchema } from "./detector-schema.js";

/**
 * Reads a detector configuration.
 * @param text YAML 1.2 (or JSON) with every field of {@link DetectorConfig} and no others; aliases are refused
 * @param source what error messages call it: a path, say
 * @throws TypeError if `text` is no string; Error that names the source and each faulty key, with expected and got
 */
export function parseDetectorConfig(text: string, source = "configuration"): DetectorConfig {
  if (typeof text !== "string")
    throw new TypeError(`parseDetectorConfig: expected a string for text, got ${typeof text}`);
  const place = `parseDetectorConfig: ${source}`;
  return deepFreeze(checkAs(parseYaml(text, place), detectorSchema, place));
}
