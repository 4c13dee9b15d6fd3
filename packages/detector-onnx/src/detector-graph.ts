import { TensorProto_DataType as DataType } from "onnx-buf";
import type { detectorLayers, NamedArray, Unit } from "second-detector";
import type { OnnxGraph } from "./onnx-graph.js";

type DetectorLayers = ReturnType<typeof detectorLayers>;

/** Filter and bias of every unit, as `foldBatchNorm` gives them. */
export type FoldedWeights = ReadonlyMap<string, NamedArray>;

/** Names of what goes in and comes out. */
export const PORTS = {
  points: "pillar_points",
  coords: "pillar_coords",
  map: "bev_map",
  heads: { cls: "class_logits", box: "box_codes", dir: "direction_logits" },
} as const;

/**
 * Adds the encoder of PointPillars, from columns of points to the bird's-eye-view map of one scan: [pillars, slots, 10] and
 * [pillars, 3] → [1, y, x, c]. Empty slots are points of zeros, which take part as in training.
 *
 * max(relu(x·W + b)) over the points is relu(max(x·W) + b), number for number, as adding and relu keep the order: so bias
 * and relu run on columns, not on slots.
 */
export function addPillars(
  graph: OnnxGraph,
  { layers, outputShape }: DetectorLayers["encoder"],
  folded: FoldedWeights,
) {
  const [{ name, outChannels }] = layers; // the schema of a detector has exactly one
  const filter = graph.constant(`${name}.weight`, folded.get(`${name}.weight`)!); // [10, c]
  const bias = graph.constant(`${name}.bias`, folded.get(`${name}.bias`)!);
  const products = graph.node("MatMul", [PORTS.points, filter], { output: `${name}.products` }); // [pillars, slots, c]
  const best = graph.node("ReduceMax", [products], {
    output: `${name}.maximum`,
    attributes: { axes: [1], keepdims: 0 },
  }); // [pillars, c]
  const sums = graph.node("Add", [best, bias], { output: `${name}.sums` });
  const columns = graph.node("Relu", [sums], { output: name });
  // z, y, x with a single z: just the place in a map [1, y, x, c] of one scan.
  const places = graph.node("Cast", [PORTS.coords], { output: "pillar_places", attributes: { to: DataType.INT64 } });
  const shape = graph.integers("bev_map.shape", [...outputShape, outChannels]);
  const zeros = graph.node("ConstantOfShape", [shape], { output: "bev_map.zeros" });
  return graph.node("ScatterND", [zeros, places, columns], { output: PORTS.map });
}

/**
 * Adds backbone, neck and head: `bev_map` [b, y, x, c] → the head's three maps [b, y, x, …]. ONNX has channels before rows, so the
 * maps are turned on their way in and out; runtimes that compute in a layout of their own do that in passing.
 */
export function addDense(graph: OnnxGraph, { backbone, neck, head }: DetectorLayers, folded: FoldedWeights): void {
  let x = graph.node("Transpose", [PORTS.map], {
    output: "bev_map.channels_first",
    attributes: { perm: [0, 3, 1, 2] },
  });
  const levels = backbone.map((units, i) => {
    for (const unit of units) x = addUnit(graph, unit, { x, folded });
    return addUnit(graph, neck[i], { x, folded });
  });
  const joined = graph.node("Concat", levels, { output: "neck", attributes: { axis: 1 } });
  for (const [name, unit] of Object.entries(head)) {
    const map = addUnit(graph, unit, { x: joined, folded });
    const output = PORTS.heads[name as keyof typeof head];
    graph.node("Transpose", [map], { output, attributes: { perm: [0, 2, 3, 1] } });
  }
}

/** Adds a convolution, plain or transposed, with its bias and relu. @returns its output */
function addUnit(graph: OnnxGraph, unit: Unit, { x, folded }: { readonly x: string; readonly folded: FoldedWeights }) {
  const { name, kind, kernel, stride, padding, relu } = unit;
  const weight = folded.get(`${name}.weight`)!;
  // A patch of one pixel is an ordinary convolution, which runtimes are better at; its filter is [1, 1, out, in].
  const onePixel = kind.lastAxis === "in" && kernel.every((cells) => cells === 1);
  const filter = onePixel ? { shape: [...weight.shape.slice(2), 1, 1], data: weight.data } : channelsFirst(weight);
  const inputs = [
    x,
    graph.constant(`${name}.weight`, filter),
    graph.constant(`${name}.bias`, folded.get(`${name}.bias`)!),
  ];
  const y = graph.node(kind.lastAxis === "in" && !onePixel ? "ConvTranspose" : "Conv", inputs, {
    output: relu ? `${name}.sums` : name,
    attributes: { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding] },
  });
  return relu ? graph.node("Relu", [y], { output: name }) : y;
}

/** A filter [height, width, a, b] as [b, a, height, width]: [out, in, …], or [in, out, …] of a transposed one. */
function channelsFirst({ shape: [height, width, a, b], data }: NamedArray): NamedArray {
  const cells = height * width;
  const turned = new Float32Array(data.length);
  for (let cell = 0; cell < cells; cell++) {
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) turned[(j * a + i) * cells + cell] = data[(cell * a + i) * b + j];
    }
  }
  return { shape: [b, a, height, width], data: turned };
}
