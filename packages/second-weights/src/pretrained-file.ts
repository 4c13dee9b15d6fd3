import { getFloat16, setFloat16 } from "@petamoriken/float16";
import { checkAs, parseJson } from "checked-text";
import {
  type DetectorConfig,
  encodeSafetensors,
  type NamedArray,
  parseDetectorConfig,
  parseSafetensors,
  parseSafetensorsMetadata,
  type SafetensorsInput,
} from "second-detector";
import type { z } from "zod";
import { type ModelCard, modelCardSchema } from "./model-card.js";
import { type UsualEntropies, usualEntropiesSchema } from "./usual-entropies.js";

/** A trained detector: `new InferenceNetwork(weights, config)` finds objects with it. */
export interface PretrainedDetector {
  readonly config: DetectorConfig;
  /** by name, as `weightsToArrays` of second-detector gives them */
  readonly weights: ReadonlyMap<string, NamedArray>;
  readonly card: ModelCard;
  readonly usual: UsualEntropies;
}

const FORMAT = "second-weights 1";

/**
 * A safetensors file of a trained detector: configuration and model card in its header, filters in float16, what there is one
 * number per channel of (biases, batch norm) in float32. The same detector gives the same bytes.
 * @throws RangeError if a filter holds a number that float16 cannot, beyond ±65504 or NaN
 */
export function encodePretrained({ config, weights, card, usual }: PretrainedDetector): Uint8Array {
  const tensors = new Map<string, SafetensorsInput>();
  for (const [name, { shape, data }] of weights)
    tensors.set(name, shape.length > 1 ? { dtype: "F16", shape, data: toHalf(name, data) } : { shape, data });
  const metadata = new Map([
    ["format", FORMAT],
    ["config", JSON.stringify(config)],
    ["card", JSON.stringify(card)],
    ["usual", JSON.stringify(usual)],
  ]);
  return encodeSafetensors(tensors, { metadata });
}

/** Weights as a file gives them back: filters rounded to float16. */
export function asStored(weights: ReadonlyMap<string, NamedArray>): Map<string, NamedArray> {
  const stored = [...weights].map(([name, { shape, data }]): [string, NamedArray] => [
    name,
    { shape, data: shape.length > 1 ? fromHalf(toHalf(name, data)) : data },
  ]);
  return new Map(stored);
}

/**
 * Reads what {@link encodePretrained} wrote, from wherever the bytes come. Nothing in the file is executed.
 * @param path what error messages call it
 * @throws Error with the path, if it is no such file or its header or tensors are not what they should be
 */
export function decodePretrained(bytes: Uint8Array, path = "weights"): PretrainedDetector {
  const place = `decodePretrained: ${path}`;
  const metadata = parseSafetensorsMetadata(bytes, path);
  if (metadata.get("format") !== FORMAT) {
    throw new Error(`${place}: expected a trained detector ("${FORMAT}"), got "${metadata.get("format")}"`);
  }
  const config = parseDetectorConfig(metadata.get("config") ?? "", `${path}, config`);
  const part = <T>(name: string, schema: z.ZodType<T>) =>
    checkAs(parseJson(metadata.get(name) ?? "", `${place}, ${name}`), schema, `${place}, ${name}`);
  const card = part("card", modelCardSchema);
  const usual = part("usual", usualEntropiesSchema);
  const weights = new Map<string, NamedArray>();
  for (const [name, { dtype, shape, data }] of parseSafetensors(bytes, path)) {
    if (dtype !== "F16" && dtype !== "F32") throw new Error(`${place}: expected F16 or F32 for ${name}, got ${dtype}`);
    const values = data instanceof Float32Array ? data : fromHalf(data as Uint16Array);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new Error(`${place}: expected finite numbers for ${name}, got ${values[wrong]} at ${wrong}`);
    weights.set(name, { shape, data: values });
  }
  return { config, weights, card, usual };
}

/** @throws RangeError for a number that is not finite in float16 */
function toHalf(name: string, data: Float32Array): Uint16Array {
  const bits = new Uint16Array(data.length);
  const view = new DataView(bits.buffer);
  data.forEach((value, i) => {
    setFloat16(view, 2 * i, value, true);
    if (!Number.isFinite(getFloat16(view, 2 * i, true)))
      throw new RangeError(`encodePretrained: expected ${name}[${i}] within ±65504, got ${value}`);
  });
  return bits;
}

function fromHalf(bits: Uint16Array): Float32Array {
  const view = new DataView(bits.buffer, bits.byteOffset);
  return Float32Array.from(bits, (_, i) => getFloat16(view, 2 * i, true));
}
