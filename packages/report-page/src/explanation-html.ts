import type {
  ExplainedLayer,
  ExplainedObject,
  ExplanationData,
  ExplanationPageData,
  LayerMap,
} from "./explanation-data.js";
import { htmlPage } from "./html-page.js";
import { packBytes } from "./pack-bytes.js";
import { packFrame } from "./pack-frame.js";

/**
 * What boxes of a detector hang on, and what its layers made of the scan, as one HTML file that needs no network: the points in 3D,
 * coloured for one box at a time; maps of the layers from above, entropies of layers and channels.
 * @throws RangeError for no objects or methods, or naming the object or layer whose sizes or numbers are wrong
 */
export function explanationHtml({ frame, objects, layers, ...rest }: ExplanationData): string {
  const { methods, columns } = rest;
  requireSome("objects", objects);
  requireSome("methods", methods);
  const points = frame.points.length / 4;
  const packed = packFrame({ ...frame, detections: [objects] }, 1);
  const data: ExplanationPageData = {
    ...rest,
    frame: { id: packed.id, points: packed.points, truth: packed.truth },
    objects: objects.map(({ number, figures, worth }, i) => {
      requireLength(`figures of object ${number}`, figures, columns.length);
      requireLength(`methods of object ${number}`, worth, methods.length);
      for (const { values } of worth) requireLength(`worths of points for object ${number}`, values, points);
      return { number, figures, box: packed.detections[0][i], worth: worth.map(packWorth) };
    }),
    layers: layers.map(packLayer),
  };
  return htmlPage({ title: rest.title, script: "explanation-page", data });
}

function packWorth({ values, limit }: ExplainedObject["worth"][number]) {
  return packBytes(values, limit > 0 ? limit : 1);
}

function packLayer({ activity, maps, ...layer }: ExplainedLayer): ExplanationPageData["layers"][number] {
  const name = `layer ${layer.block + 1}.${layer.tap + 1}`;
  for (const { neighbour } of layer.channels) {
    if (layer.channels[neighbour] !== undefined) continue;
    throw new RangeError(`explanationHtml: expected channels of ${name} as neighbours, got ${neighbour}`);
  }
  return {
    ...layer,
    activity: packMaps(`the activity of ${name}`, activity, 1),
    maps: packMaps(`the channels of ${name}`, maps, layer.channels.length),
  };
}

function packMaps(what: string, { width, height, values }: LayerMap, count: number) {
  const cells = width * height;
  requireLength(`cells of ${what}`, values, count * cells);
  const each = Array.from({ length: count }, (_, i) => values.subarray(i * cells, (i + 1) * cells));
  return { width, height, values: each.map((map) => packBytes(map, largest(map) || 1)) };
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function requireSome(what: string, list: readonly unknown[]): void {
  if (list.length === 0) throw new RangeError(`explanationHtml: expected one or more for ${what}, got none`);
}

function requireLength(what: string, { length }: ArrayLike<unknown>, expected: number): void {
  if (length === expected) return;
  throw new RangeError(`explanationHtml: expected ${expected} for ${what}, got ${length}`);
}
