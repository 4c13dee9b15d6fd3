import { randomFloats, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import type { PatchHeadsInputs, PatchHeadsOptions } from "../src/index.js";
import { roundedToBfloat16 } from "../src/operations/precision.js";
import { guarded, guardedCopy } from "./arrays.js";
import { describeLayers } from "./layers.js";

interface Sizes extends Omit<PatchHeadsOptions, "precision" | "accumulate" | "outputs"> {
  readonly widths: readonly number[];
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, each) => total + each, 0);

function optionsOf({ widths, ...sizes }: Sizes): PatchHeadsOptions {
  return { ...sizes, outputs: sum(widths) };
}

/** Where output j of a pixel of a map of `pixels` stands: the maps of the heads lie one behind the other. */
function placeOf(widths: Int32Array, pixels: number, pixel: number, j: number): number {
  let [head, first] = [0, 0];
  while (j >= first + widths[head]) first += widths[head++];
  return first * pixels + pixel * widths[head] + j - first;
}

/** Sums in float64, with the pixels rounded as asked, and for each the magnitudes that they are made of. */
function naive(inputs: PatchHeadsInputs, options: PatchHeadsOptions) {
  const { lines, width, inChannels, side, channels, outputs, precision } = options;
  const [cells, neck, head] = [inputs.cells, inputs.neck, inputs.head].map((each) =>
    precision === "bfloat16" ? roundedToBfloat16(each) : each,
  );
  const value = new Float64Array(lines * width * side * side * outputs);
  const magnitude = new Float64Array(value.length);
  const bias = new Float32Array(value.length);
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
        const at = placeOf(inputs.widths, value.length / outputs, y * width * side + x, j);
        bias[at] = inputs.headBias[j];
        value[at] = bias[at];
        magnitude[at] = Math.abs(value[at]);
        for (let c = 0; c < channels; c++) {
          value[at] += pixel[c] * head[c * outputs + j];
          magnitude[at] += most[c] * Math.abs(head[c * outputs + j]);
        }
      }
    }
  return { value, magnitude, bias };
}

function randomInputs({ lines, width, inChannels, side, channels, widths }: Sizes, seed: number): PatchHeadsInputs {
  const rng = seededRandom(seed);
  const floats = (length: number) => guardedCopy(randomFloats(rng, length)).array;
  return {
    cells: floats(lines * width * inChannels),
    neck: floats(inChannels * side * side * channels),
    neckBias: floats(side * side * channels),
    head: floats(channels * sum(widths)),
    headBias: floats(sum(widths)),
    widths: Int32Array.from(widths),
  };
}

// Around tiles and blocks of rows (up to 96), panels (32 columns), chunks of k (256 words) and vectors of a head (16).
const shapes: readonly Sizes[] = [
  { lines: 1, width: 1, inChannels: 1, side: 1, channels: 1, widths: [1] },
  { lines: 3, width: 5, inChannels: 7, side: 1, channels: 9, widths: [4] },
  { lines: 2, width: 49, inChannels: 16, side: 1, channels: 33, widths: [18, 42, 12] },
  { lines: 4, width: 13, inChannels: 31, side: 2, channels: 17, widths: [1, 17] },
  { lines: 3, width: 7, inChannels: 257, side: 3, channels: 32, widths: [16, 0, 17] },
  { lines: 2, width: 9, inChannels: 20, side: 4, channels: 259, widths: [2, 3] },
  { lines: 1, width: 3, inChannels: 5, side: 4, channels: 700, widths: [2] },
  { lines: 2, width: 3, inChannels: 4, side: 2, channels: 5, widths: [] },
  { lines: 0, width: 3, inChannels: 4, side: 2, channels: 5, widths: [2, 4] },
  { lines: 2, width: 3, inChannels: 0, side: 2, channels: 5, widths: [2, 4] },
  { lines: 2, width: 3, inChannels: 4, side: 2, channels: 0, widths: [6] },
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
      widths: Int32Array.of(1, 1),
    };
    const sizes = { lines: 1, width: 2, inChannels: 1, side: 2, channels: 1, outputs: 2 };
    const out = new Float32Array(16).fill(Number.NaN);
    kernels.patchHeads(inputs, out, sizes);
    // ... which lie side by side: lines 2 4 | 0 0 and 6 9 | 0 0; the heads say 10p + 0.5 and -p + 0.25 of each pixel p.
    const first = [20.5, 40.5, 0.5, 0.5, 60.5, 90.5, 0.5, 0.5];
    const second = [-1.75, -3.75, 0.25, 0.25, -5.75, -8.75, 0.25, 0.25];
    expect([...out]).toEqual([...first, ...second]);
    kernels.patchHeads(inputs, out, { ...sizes, accumulate: true });
    expect([...out.slice(0, 3), ...out.slice(8, 11)]).toEqual([40.5, 80.5, 0.5, -3.75, -7.75, 0.25]);
    // One head that says both lays them side by side.
    kernels.patchHeads({ ...inputs, widths: Int32Array.of(2) }, out, sizes);
    expect([...out]).toEqual(first.flatMap((value, i) => [value, second[i]]));
  });

  it.each([
    [[1, 0], "expected 2 for the sum of widths, got 1"],
    [[3, -1], "expected 0..2 for widths[0], got 3"],
    [[], "expected 2 for the sum of widths, got 0"],
  ])("refuses widths %j of heads that have two outputs", (widths, message) => {
    const sizes = { lines: 1, width: 1, inChannels: 1, side: 1, channels: 1 };
    const inputs = { ...randomInputs({ ...sizes, widths: [1, 1] }, 1), widths: Int32Array.from(widths) };
    expect(() => kernels.patchHeads(inputs, new Float32Array(2), { ...sizes, outputs: 2 })).toThrow(message);
  });

  describe.each(["float32", "bfloat16"] as const)("in %s", (precision) => {
    it.each(shapes)(
      "agrees with the definition: $lines×$width cells of $inChannels to $side² of $channels, heads $widths",
      (sizes) => {
        const inputs = randomInputs(sizes, sizes.channels + sizes.inChannels);
        const options = { ...optionsOf(sizes), precision };
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
          const wanted = 2 * expected.value[i] - expected.bias[i];
          expect(Math.abs(twice.array[i] - wanted)).toBeLessThanOrEqual(2 * steps * (expected.magnitude[i] + 1));
        }
      },
    );
  });

  it("keeps NaN, in its patch alone", () => {
    const sizes = { lines: 1, width: 3, inChannels: 2, side: 2, channels: 3, widths: [2] };
    const inputs = randomInputs(sizes, 4);
    inputs.cells[2] = Number.NaN;
    const out = new Float32Array(24);
    kernels.patchHeads(inputs, out, optionsOf(sizes));
    out.forEach((value, i) => {
      expect(Number.isNaN(value)).toBe(Math.floor((i % 12) / 4) === 1);
    });
  });
});
