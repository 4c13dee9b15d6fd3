import type { PackedBox, PackedPoints, ViewerBox, ViewerFrame } from "./viewer-frame.js";

/** What single boxes of a detector hang on, and what its layers made of the scan. LiDAR frame: x forward, y left, z up, metres. */
export interface ExplanationData {
  readonly title: string;
  /** a sentence on scan and detector */
  readonly description: string;
  /** x, y, z from, then to: what the maps of the layers cover */
  readonly pointRange: readonly number[];
  /** the scan, with its labels if there are any */
  readonly frame: Omit<ViewerFrame, "detections" | "image">;
  /** ways of asking what a box hangs on; one or more */
  readonly methods: readonly ExplanationMethod[];
  /** heads of the table of objects */
  readonly columns: readonly string[];
  /** one or more */
  readonly objects: readonly ExplainedObject[];
  /** in the order of the network */
  readonly layers: readonly ExplainedLayer[];
  /** how it was made, as label and value */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/** A way of asking what a box hangs on. */
export interface ExplanationMethod {
  readonly name: string;
  /** how to read its colours */
  readonly note: string;
  /** of its numbers */
  readonly unit: string;
}

/** A box that was explained. */
export interface ExplainedObject extends ViewerBox {
  /** by which it is called */
  readonly number: number;
  /** a cell for each column; null: a dash */
  readonly figures: readonly (string | null)[];
  /** one for each method */
  readonly worth: readonly PointWorth[];
}

/** What each point of the scan is worth to a box. */
export interface PointWorth {
  /** [n] 0: nothing that could be told from chance */
  readonly values: Float32Array;
  /** the value at which the colours end; larger ones look like it */
  readonly limit: number;
}

/** What a layer made of the scan. */
export interface ExplainedLayer {
  readonly block: number;
  readonly tap: number;
  /** H, nats per dimension */
  readonly entropy: number;
  readonly channels: readonly ExplainedChannel[];
  /** mean over the channels */
  readonly activity: LayerMap;
  /** each channel, coarser: maps of one size, one after the other */
  readonly maps: LayerMap;
}

/** One channel among the others of its layer. */
export interface ExplainedChannel {
  /** its share in H, nats per dimension: H is the mean of all */
  readonly entropy: number;
  /** the channel that is most like it */
  readonly neighbour: number;
  /** how far that is, in the unit of the activations */
  readonly distance: number;
  /** share of the cells in which it is above zero */
  readonly active: number;
}

/** Bird's-eye maps. */
export interface LayerMap {
  /** cells along x */
  readonly width: number;
  /** cells along y */
  readonly height: number;
  /** [maps, height, width] row after row from the smallest y; not negative */
  readonly values: Float32Array;
}

/** What the script of the page reads. */
export interface ExplanationPageData extends Omit<ExplanationData, "frame" | "objects" | "layers"> {
  readonly frame: { readonly id: string; readonly points: PackedPoints; readonly truth: readonly PackedBox[] | null };
  readonly objects: readonly (Omit<ExplainedObject, keyof ViewerBox | "worth"> & {
    readonly box: PackedBox;
    readonly worth: readonly PackedBytes[];
  })[];
  readonly layers: readonly (Omit<ExplainedLayer, "activity" | "maps"> & {
    readonly activity: PackedMap;
    readonly maps: PackedMap;
  })[];
}

export interface PackedMap extends Pick<LayerMap, "width" | "height"> {
  /** one for each map, scaled by its own largest value */
  readonly values: readonly PackedBytes[];
}

/** Numbers between −limit and limit in steps of limit/127, a byte each, in base64. */
export interface PackedBytes {
  readonly limit: number;
  readonly bytes: string;
}
