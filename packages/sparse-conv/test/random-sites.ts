/** Every cell with probability `density`, in random order: [rows, 4]. */
export function randomSites(
  rng: () => number,
  { shape, batchSize, density }: { shape: readonly number[]; batchSize: number; density: number },
): Int32Array {
  const sites: { readonly key: number; readonly site: number[] }[] = [];
  for (let b = 0; b < batchSize; b++)
    for (let z = 0; z < shape[0]; z++)
      for (let y = 0; y < shape[1]; y++)
        for (let x = 0; x < shape[2]; x++) if (rng() < density) sites.push({ key: rng(), site: [b, z, y, x] });
  sites.sort((a, b) => a.key - b.key);
  return Int32Array.from(sites.flatMap(({ site }) => site));
}
