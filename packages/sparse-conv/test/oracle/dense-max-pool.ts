/** A window over a batch of grids. */
export interface PoolProblem {
  readonly batchSize: number;
  readonly shape: readonly number[];
  readonly outputShape: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly channels: number;
}

/** What a window that holds at least one site yields. */
export interface PooledSite {
  readonly site: readonly number[];
  readonly values: readonly number[];
  /** input row of each value: the lowest of those that reach it */
  readonly rows: readonly number[];
}

/** Looks into every window of the dense output grid, in raster order. `rowAt` maps "b,z,y,x" to the input row there. */
export function denseMaxPool(
  { batchSize, shape, outputShape, kernel, stride, padding, dilation, channels }: PoolProblem,
  features: ArrayLike<number>,
  rowAt: ReadonlyMap<string, number>,
): PooledSite[] {
  const pooled: PooledSite[] = [];
  for (let b = 0; b < batchSize; b++)
    for (let oz = 0; oz < outputShape[0]; oz++)
      for (let oy = 0; oy < outputShape[1]; oy++)
        for (let ox = 0; ox < outputShape[2]; ox++) {
          const inside: number[] = [];
          for (let kz = 0; kz < kernel[0]; kz++)
            for (let ky = 0; ky < kernel[1]; ky++)
              for (let kx = 0; kx < kernel[2]; kx++) {
                const z = oz * stride[0] - padding[0] + kz * dilation[0];
                const y = oy * stride[1] - padding[1] + ky * dilation[1];
                const x = ox * stride[2] - padding[2] + kx * dilation[2];
                if (z < 0 || z >= shape[0] || y < 0 || y >= shape[1] || x < 0 || x >= shape[2]) continue;
                const row = rowAt.get([b, z, y, x].join());
                if (row !== undefined) inside.push(row);
              }
          if (inside.length === 0) continue;
          inside.sort((first, second) => first - second);
          const values: number[] = [];
          const rows: number[] = [];
          for (let c = 0; c < channels; c++) {
            const candidates = inside.map((row) => features[row * channels + c]);
            values.push(Math.max(...candidates));
            rows.push(inside[candidates.indexOf(Math.max(...candidates))]);
          }
          pooled.push({ site: [b, oz, oy, ox], values, rows });
        }
  return pooled;
}
