import {
  builtinConfig,
  createWeights,
  type DetectorConfig,
  disposeWeights,
  type NamedArray,
  weightsToArrays,
} from "second-detector";
import { type PretrainedName, readPretrained } from "second-weights";
import { seededRandom } from "test-support";

/** What a test exports. */
export interface TestedDetector {
  readonly config: DetectorConfig;
  readonly weights: ReadonlyMap<string, NamedArray>;
}

export const notes = { description: "weights of a test", licence: "Apache-2.0" };

const read = new Map<PretrainedName, TestedDetector>();

/** Published weights, which take a second to read. */
export function published(name: PretrainedName): TestedDetector {
  const { config, weights } = read.get(name) ?? readPretrained(name);
  read.set(name, { config, weights });
  return { config, weights };
}

/** First weights with batch norms such as training leaves behind; the current backend makes them. */
export async function untrained(name: "pointpillars-mini"): Promise<TestedDetector> {
  const config = builtinConfig(name);
  const rng = seededRandom(11);
  const fresh = createWeights(config, rng);
  const weights = await weightsToArrays(fresh);
  disposeWeights(fresh);
  for (const [name, { data }] of weights) {
    if (/\.bn\.(gamma|beta|mean)$/.test(name))
      data.forEach((value, i) => {
        data[i] = value + 0.5 * rng() - 0.25;
      });
    if (name.endsWith(".bn.var"))
      data.forEach((_, i) => {
        data[i] = 0.5 + rng();
      });
  }
  return { config, weights };
}

/** Points spread evenly over a detector's range. */
export function randomScan(
  { pointRange: [x0, y0, z0, x1, y1, z1] }: DetectorConfig,
  count: number,
  seed = 5,
): Float32Array {
  const rng = seededRandom(seed);
  const scan = new Float32Array(4 * count);
  for (let i = 0; i < scan.length; i += 4) {
    scan[i] = x0 + rng() * (x1 - x0);
    scan[i + 1] = y0 + rng() * (y1 - y0);
    scan[i + 2] = z0 + rng() * (z1 - z0);
    scan[i + 3] = rng();
  }
  return scan;
}
