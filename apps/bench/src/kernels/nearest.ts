import type { NeighbourTree } from "simd-kernels";
import type { Arrays, KernelBench, KernelFamily } from "../kernel-bench.js";

const K = 4;

/** Searches for nearest samples; both are counted as reading their samples (or bounds) once and writing their lists. */
export const nearest: KernelFamily = (size) => [inTree(size(10_000)), byBounds(size(1024))];

/** Samples in space, in a k-d tree. */
function inTree(samples: number): KernelBench {
  const dims = 3;
  return {
    name: `treeNeighbours ${samples} in R^${dims}, k = ${K}`,
    threads: "all",
    work: { bytes: samples * (8 * dims + 4 + 12 * K) },
    prepare({ random }) {
      const tree = treeOf(Float64Array.from(random(samples * dims)), dims);
      const nearest = { distances: new Float64Array(samples * K), indices: new Int32Array(samples * K) };
      const options = { samples, dims, k: K, norm: "euclidean" } as const;
      return { out: nearest.indices, run: (kernels) => kernels.treeNeighbours(tree, nearest, options) };
    },
  };
}

/** Leaves of some 10 samples: halves along one axis after the other. */
function treeOf(samples: Float64Array, dims: number): NeighbourTree {
  const count = samples.length / dims;
  const leaves = 2 ** Math.max(0, Math.round(Math.log2(count / 10)));
  const index = Int32Array.from({ length: count }, (_, i) => i);
  const [starts, ends] = [new Int32Array(2 * leaves), new Int32Array(2 * leaves)];
  const boxes = new Float64Array(4 * leaves * dims);
  ends[1] = count;
  for (let node = 1; node < 2 * leaves; node++) {
    const own = index.subarray(starts[node], ends[node]);
    for (let d = 0; d < dims; d++) {
      const values = Array.from(own, (i) => samples[i * dims + d]);
      boxes[node * 2 * dims + d] = Math.min(...values);
      boxes[(node * 2 + 1) * dims + d] = Math.max(...values);
    }
    if (node >= leaves) continue;
    const axis = Math.floor(Math.log2(node)) % dims;
    own.sort((a, b) => samples[a * dims + axis] - samples[b * dims + axis]);
    const middle = (starts[node] + ends[node]) >> 1;
    [starts[2 * node], ends[2 * node]] = [starts[node], middle];
    [starts[2 * node + 1], ends[2 * node + 1]] = [middle, ends[node]];
  }
  const points = Float64Array.from([...index].flatMap((i) => [...samples.subarray(i * dims, (i + 1) * dims)]));
  return { points, index, starts, ends, boxes };
}

/** A block of bounds of which few leave a pair in question. */
function byBounds(samples: number): KernelBench {
  const [dims, height] = [16, 128];
  return {
    name: `boundedNeighbours ${height}×${samples} in R^${dims}, k = ${K}`,
    threads: "all",
    work: { bytes: 4 * height * samples },
    prepare(arrays) {
      const values = Float64Array.from(arrays.random(samples * dims));
      const bounds = exactBounds(arrays, values, { dims, height, samples });
      const nearest = { distances: new Float64Array(samples * K), indices: new Int32Array(samples * K) };
      const options = { row: 0, column: 0, height, width: samples, samples, dims, k: K, unit: 1, slack: 0, most: 1e30 };
      return {
        out: nearest.indices,
        run(kernels) {
          nearest.distances.fill(Infinity);
          nearest.indices.fill(-1);
          kernels.boundedNeighbours({ bounds, values }, nearest, options);
        },
      };
    },
  };
}

/** Squared distances less a millionth. */
function exactBounds(
  { random }: Arrays,
  values: Float64Array,
  { dims, height, samples }: { dims: number; height: number; samples: number },
): Float32Array {
  const bounds = random(height * samples);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < samples; j++) {
      let square = 0;
      for (let d = 0; d < dims; d++) square += (values[i * dims + d] - values[j * dims + d]) ** 2;
      bounds[i * samples + j] = square * (1 - 1e-6);
    }
  return bounds;
}
