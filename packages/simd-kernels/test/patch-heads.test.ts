import { randomFloats, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import type { PatchHeadsInputs, PatchHeadsOptions } from "../src/index.js";
import { roundedToBfloat16 } from "../src/operations/precision.js";
import { guarded, guardedCopy } from "./arrays.js";
import { describeLayers } from "./layers.js";

type Sizes = Omit<PatchHeadsOptions, "precision" | "accumulate">;

/** Sums in float64, with the pixels rounded as asked, and for each the magnitudes that they are made of. */
function naive(inputs: PatchHeadsInputs, options: PatchHeadsOptions) {
  const { lines, width, inChannels, side, channels, outputs, precision } = options;
  const [cells, neck, head] = [inputs.cells, inputs.neck, inputs.head].map((each) =>
    precision === "bfloat16" ? roundedToBfloat16(each) : each,
  );
  const value = new Float64Array(lines * width * side * side * outputs);
  const magnitude = new Float64Array(value.length);
  for (let y = 0; y < lines * side; y++)
    for (let x = 0; x < width * side; x++) {
      const cell = Math.floor(y / side) * width + Math.floor(x / side);
      const first = ((y % side) * side + (x % side)) * channels;
      const pixel = new Float64Array(channels);
      const most = new Float64Array(channels);
      for (let c = 0; c < channels; c++) {
        let sum = inputs.neckBias[first + c];
        most[c] = Math.abs(sum);
        for (let k = 0; k < inChannels; k++) {
          const term = cells[cell * inChannels + k] * neck[k * side * side * channels + first + c];
          sum += term;
          most[c] += Math.abs(term);
        }
        pixel[c] = Math.max(0, sum);
      }
      for (let j = 0; j < outputs; j++) {
        const at = (y * width * side + x) * outputs + j;
        value[at] = inputs.headBias[j];
        magnitude[at] = Math.abs(value[at]);
        for (let c = 0; c < channels; c++) {
          value[at] += pixel[c] * head[c * outputs + j];
          magnitude[at] += most[c] * Math.abs(head[c * outputs + j]);
        }
      }
    }
  return { value, magnitude };
}

function randomInputs({ lines, width, inChannels, side, channels, outputs }: Sizes, seed: number): PatchHeadsInputs {
  const rng = seededRandom(seed);
  const floats = (length: number) => guardedCopy(randomFloats(rng, length)).array;
  return {
    cells: floats(lines * width * inChannels),
    neck: floats(inChannels * side * side * channels),
    neckBias: floats(side * side * channels),
    head: floats(channels * outputs),
    headBias: floats(outputs),
  };
}

// Around tiles and blocks of rows (up to 96), panels (32 columns), chunks of k (256 words), and what a task holds (65 536 numbers).
const shapes: readonly Sizes[] = [
  { lines: 1, width: 1, inChannels: 1, side: 1, channels: 1, outputs: 1 },
  { lines: 3, width: 5, inChannels: 7, side: 1, channels: 9, outputs: 4 },
  { lines: 2, width: 49, inChannels: 16, side: 1, channels: 33, outputs: 72 },
  { lines: 4, width: 13, inChannels: 31, side: 2, channels: 17, outputs: 18 },
  { lines: 3, width: 7, inChannels: 257, side: 3, channels: 32, outputs: 33 },
  { lines: 2, width: 9, inChannels: 20, side: 4, channels: 259, outputs: 5 },
  { lines: 1, width: 3, inChannels: 5, side: 4, channels: 700, outputs: 2 },
  { lines: 2, width: 3, inChannels: 4, side: 2, channels: 5, outputs: 0 },
  { lines: 0, width: 3, inChannels: 4, side: 2, channels: 5, outputs: 6 },
  { lines: 2, width: 3, inChannels: 0, side: 2, channels: 5, outputs: 6 },
  { lines: 2, width: 3, inChannels: 4, side: 2, channels: 0, outputs: 6 },
];

describeLayers("patchHeads", (kernels, label) => {
  it("makes a patch of each cell and reads its pixels, by hand", () => {
    // Two cells [2] and [-1] become patches of two by two: relu(cell·(1 2 3 4) + (0 0 0 1)) = 2 4 6 9 and 0 0 0 0 ...
    const inputs = {
      cells: Float32Array.of(2, -1),
      neck: Float32Array.of(1, 2, 3, 4),
      neckBias: Float32Array.of(0, 0, 0, 1),
      head: Float32Array.of(10, -1),
      headBias: Float32Array.of(0.5, 0.25),
    };
    const sizes = { lines: 1, width: 2, inChannels: 1, side: 2, channels: 1, outputs: 2 };
    const out = new Float32Array(16).fill(Number.NaN);
    kernels.patchHeads(inputs, out, sizes);
    // ... which lie side by side: lines 2 4 | 0 0 and 6 9 | 0 0; each pixel p says 10p + 0.5 and -p + 0.25.
    expect([...out]).toEqual([
      20.5, -1.75, 40.5, -3.75, 0.5, 0.25, 0.5, 0.25, 60.5, -5.75, 90.5, -8.75, 0.5, 0.25, 0.5, 0.25,
    ]);
    kernels.patchHeads(inputs, out, { ...sizes, accumulate: true });
    expect([...out.slice(0, 6)]).toEqual([40.5, -3.75, 80.5, -7.75, 0.5, 0.25]);
  });

  describe.each(["float32", "bfloat16"] as const)("in %s", (precision) => {
    it.each(shapes)(
      "agrees with the definition: $lines×$width cells of $inChannels to $side² of $channels, $outputs",
      (sizes) => {
        const inputs = randomInputs(sizes, sizes.channels + sizes.inChannels);
        const options = { ...sizes, precision };
        const expected = naive(inputs, options);
        const out = guarded(expected.value.length);
        kernels.patchHeads(inputs, out.array, options);
        out.check(label);
        // Pixels are rounded too: in float32 after (k + 5) steps, or once more to bfloat16.
        const steps = (sizes.inChannels + sizes.channels + 10) * 2 ** -24 + (precision === "bfloat16" ? 2 ** -8 : 0);
        for (let i = 0; i < out.array.length; i++) {
          expect(Math.abs(out.array[i] - expected.value[i])).toBeLessThanOrEqual(steps * expected.magnitude[i]);
        }
        const twice = guardedCopy(out.array);
        kernels.patchHeads(inputs, twice.array, { ...options, accumulate: true });
        twice.check(`${label}, added`);
        for (let i = 0; i < out.array.length; i++) {
          const wanted = 2 * expected.value[i] - inputs.headBias[i % sizes.outputs];
          expect(Math.abs(twice.array[i] - wanted)).toBeLessThanOrEqual(2 * steps * (expected.magnitude[i] + 1));
        }
      },
    );
  });

  it("keeps NaN, in its patch alone", () => {
    const sizes = { lines: 1, width: 3, inChannels: 2, side: 2, channels: 3, outputs: 2 };
    const inputs = randomInputs(sizes, 4);
    inputs.cells[2] = Number.NaN;
    const out = new Float32Array(24);
    kernels.patchHeads(inputs, out, sizes);
    out.forEach((value, i) => {
      expect(Number.isNaN(value)).toBe(Math.floor((i % 12) / 4) === 1);
    });
  });
});
