import type { EntropySeries } from "../../src/report-data.js";

type Layer = EntropySeries["layers"][number];

export const layerName = ({ block, tap }: Layer): string => `${block + 1}.${tap + 1}`;

/** The layers of all runs, each once, in the order of the network: runs of different detectors need not have the same. */
export function layersOf(runs: readonly Pick<EntropySeries, "layers">[]): Layer[] {
  const byName = new Map(runs.flatMap(({ layers }) => layers.map((layer) => [layerName(layer), layer])));
  return [...byName.values()].sort((a, b) => a.block - b.block || a.tap - b.tap);
}

/** A layer and the next one in its block. */
export interface LayerChange {
  readonly between: string;
  /** null where an entropy is no number, which the data of a page have as null */
  readonly nats: number | null;
}

/** ΔH inside each block. */
export function changes({ layers, last }: Pick<EntropySeries, "layers" | "last">): LayerChange[] {
  return layers.flatMap((layer, i) => {
    const next = layers[i + 1];
    if (next === undefined || next.block !== layer.block) return [];
    const areNumbers = Number.isFinite(last[i]) && Number.isFinite(last[i + 1]);
    return [{ between: `${layerName(layer)}→${next.tap + 1}`, nats: areNumbers ? last[i + 1] - last[i] : null }];
  });
}

/** Σ over the blocks of the biased variance of ΔH: the paper's first term. Null where an entropy is no number. */
export function varianceOfChanges({ layers, last }: Pick<EntropySeries, "layers" | "last">): number | null {
  let sum = 0;
  for (const block of new Set(layers.map((layer) => layer.block))) {
    const inside = layers.flatMap((layer, i) => (layer.block === block ? [{ layer, last: last[i] }] : []));
    const values = changes({
      layers: inside.map(({ layer }) => layer),
      last: inside.map((each) => each.last),
    }).map(({ nats }) => nats);
    if (values.length === 0) continue;
    if (!values.every((value) => value !== null)) return null;
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    sum += values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  }
  return sum;
}
