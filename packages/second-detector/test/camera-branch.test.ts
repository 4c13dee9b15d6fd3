import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { registerSimdBackend } from "tfjs-backend-simd";
import { describe, expect, test } from "vitest";
import {
  type CameraBatch,
  type CameraFrame,
  collateCameras,
  type DetectorConfig,
  disposeWeights,
  forwardDense,
  type NamedArray,
  type Weights,
  weightShapes,
  weightsFromArrays,
} from "../src/index.js";
import { type Digest, digestError, namedNumbers } from "./named-numbers.js";
import { tinyCameraConfig, tinyFusions } from "./tiny/tiny-camera.js";

registerSimdBackend();

/** From `scripts/camera-fixture.py`: the camera branch in PyTorch, float64. */
const fixture = JSON.parse(readFileSync(new URL("fixtures/camera.json", import.meta.url), "utf8"));
/** float32 through up to thirty layers, the last ones normalised by batch. */
const STAGE_TOLERANCE = 2e-5;
/** The same way there and back; kinks of ReLU may fall to the other side. */
const GRADIENT_TOLERANCE = 5e-4;

type VariantName = keyof typeof tinyFusions;

/** A map of 20 × 14 cells of 2 m, as in the fixture. */
function configOf(name: VariantName): DetectorConfig {
  const { alignment } = fixture.variants[name];
  const place = alignment === "project" ? { kind: alignment, height: fixture.cellHeight } : { kind: alignment };
  const config = tinyCameraConfig(tinyFusions[name], place);
  return { ...config, pointRange: [0, -20, -2, 28, 20, 2] };
}

/** Weights as in the fixture: numbers by name, of the size that keeps activations alike. */
function namedWeights(config: DetectorConfig): Weights {
  const { trainable, frozen, running } = weightShapes(config);
  const arrays = new Map<string, NamedArray>();
  for (const [name, shape] of [...trainable, ...frozen, ...running]) {
    const size = shape.reduce((product, n) => product * n, 1);
    const numbers = Float64Array.from(namedNumbers(name, size));
    const fanIn = size / shape[shape.length - 1];
    const value = (u: number) => {
      if (/\.bn\.(gamma|var)$/.test(name)) return 1 + 0.5 * u;
      if (/\.(bn\.beta|bn\.mean|bias)$/.test(name)) return 0.5 * u;
      return u * Math.sqrt(6 / fanIn);
    };
    arrays.set(name, { shape, data: Float32Array.from(numbers, value) });
  }
  return weightsFromArrays(config, arrays);
}

function camerasOf(config: DetectorConfig): CameraBatch {
  const axis = ([factor, offset]: [number, number]) => ({ factor, offset });
  const frames = fixture.cameras.map(({ matrix, size, x, y }: Record<string, never>, i: number): CameraFrame => {
    const [width, height] = size as [number, number];
    const pixels = namedNumbers(`image ${i}`, width * height * 3);
    const image = { pixels, width, height, x: axis(x), y: axis(y) };
    return { image, lidarToImage: Float64Array.from(matrix as number[]) };
  });
  return collateCameras(frames, config);
}

describe.each(["cpu", "simd"])("the camera branch on %s", (backend) => {
  test.each(Object.keys(tinyFusions) as VariantName[])(
    "agrees with PyTorch, stages and gradients: %s",
    async (name) => {
      await tf.setBackend(backend);
      const variant = fixture.variants[name];
      const config = configOf(name);
      const { height, width, channels } = fixture.map;
      const shape = [fixture.batch, height, width, channels] as [number, number, number, number];
      const size = shape.reduce((product, n) => product * n, 1);
      const weights = namedWeights(config);
      const camera = camerasOf(config);
      const lidar = tf.variable(tf.tensor4d(namedNumbers("lidar", size), shape));
      const direction = tf.tensor4d(namedNumbers("direction", size), shape);
      const before = tf.memory().numTensors;

      const seen = new Map<string, Float32Array>();
      const names = [...weights.trainable.keys()];
      const { value, grads } = tf.variableGrads(() => {
        let fused: tf.Tensor | undefined;
        forwardDense(weights, tf.zeros([fixture.batch, height, width, 8]), {
          config,
          training: true,
          camera,
          onStage: (stage, x) => {
            if (stage === "neck") return tf.clone(lidar);
            if (stage.startsWith("camera.")) seen.set(stage, x.dataSync().slice() as Float32Array);
            if (stage === "camera.join") fused = tf.keep(tf.clone(x));
            return undefined;
          },
        });
        const loss = tf.sum(tf.mul(fused!, direction)) as tf.Scalar;
        fused!.dispose();
        return loss;
      }, [...weights.trainable.values(), lidar]);

      for (const [stage, digest] of Object.entries<Digest>(variant.stages)) {
        expect(digestError(seen.get(stage)!, digest), stage).toBeLessThan(STAGE_TOLERANCE);
      }
      expect(value.dataSync()[0] / variant.loss).toBeCloseTo(1, 4);
      const gradientOf = new Map([
        ...names.map((n) => [n, weights.trainable.get(n)!.name] as const),
        ["lidar", lidar.name],
      ]);
      const compared = Object.entries<Digest>(variant.gradients);
      // What a batch norm takes out again, such as the FPN's biases, has a gradient of zero: compared with the others'.
      const floor = variant.gradients.lidar.length;
      for (const [weight, digest] of compared) {
        expect(digestError(grads[gradientOf.get(weight)!].dataSync(), digest, floor), weight).toBeLessThan(
          GRADIENT_TOLERANCE,
        );
      }
      // Every trainable tensor of the branch was compared, and no frozen one has a gradient.
      const branch = names.filter((n) => n.startsWith("camera."));
      expect(compared.map(([weight]) => weight).sort()).toEqual([...branch, "lidar"].sort());
      tf.dispose([value, grads]);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([lidar, direction]);
      disposeWeights(weights);
    },
  );
});
