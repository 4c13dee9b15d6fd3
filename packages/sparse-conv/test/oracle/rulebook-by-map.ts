/** A window over sites; numbers per axis z, y, x. */
export interface MapWindow {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** Output sites and pairs of a rulebook, tap by tap. */
export interface MapRulebook {
  readonly sites: readonly (readonly number[])[];
  readonly starts: readonly number[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Looks every input site that a tap could read up in a Map, output site after output site. */
export function pairsByMap(
  sites: readonly (readonly number[])[],
  inputs: readonly (readonly number[])[],
  { kernel, stride, padding, dilation }: MapWindow,
): MapRulebook {
  const rowOf = new Map(inputs.map((site, row) => [site.join(), row]));
  const starts = [0];
  const pairs: number[][] = [];
  for (let kz = 0; kz < kernel[0]; kz++)
    for (let ky = 0; ky < kernel[1]; ky++)
      for (let kx = 0; kx < kernel[2]; kx++) {
        sites.forEach(([batch, ...cell], output) => {
          const read = cell.map((c, axis) => c * stride[axis] - padding[axis] + [kz, ky, kx][axis] * dilation[axis]);
          const input = rowOf.get([batch, ...read].join());
          if (input !== undefined) pairs.push([input, output]);
        });
        starts.push(pairs.length);
      }
  return { sites, starts, inputs: pairs.map(([input]) => input), outputs: pairs.map(([, output]) => output) };
}

/** Every cell of the output grid that some site reaches under some tap, sorted by batch, z, y, x. */
export function sitesByMap(
  inputs: readonly (readonly number[])[],
  outputShape: readonly number[],
  { kernel, stride, padding, dilation }: MapWindow,
): number[][] {
  const found = new Map<string, number[]>();
  for (const [batch, ...cell] of inputs)
    for (let kz = 0; kz < kernel[0]; kz++)
      for (let ky = 0; ky < kernel[1]; ky++)
        for (let kx = 0; kx < kernel[2]; kx++) {
          const at = cell.map((c, axis) => (c + padding[axis] - [kz, ky, kx][axis] * dilation[axis]) / stride[axis]);
          if (!at.every((c, axis) => Number.isInteger(c) && c >= 0 && c < outputShape[axis])) continue;
          found.set([batch, ...at].join(), [batch, ...at]);
        }
  return [...found.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]);
}
