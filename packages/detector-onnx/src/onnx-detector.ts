import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { type DetectorConfig, detectorLayers, foldBatchNorm, headMapSize, type NamedArray } from "second-detector";
import { addDense, addPillars, PORTS } from "./detector-graph.js";
import { modelNotes } from "./model-notes.js";
import { OnnxGraph } from "./onnx-graph.js";
import { type OnnxPort, portInfo } from "./onnx-port.js";

/** The oldest set of operators that has all that is used here in one form with what came later: ONNX 1.12, of 2022. */
export const OPSET = 17;
/** Version of the file's layout that belongs to it. */
const IR_VERSION = 8;

/** What a model says of itself beside what its configuration tells. */
export interface OnnxNotes {
  /** one sentence: which weights these are */
  readonly description: string;
  readonly licence: string;
}

/** A detector as an ONNX model. */
export interface OnnxDetector {
  /** the file; the same weights and notes give the same bytes */
  readonly bytes: Uint8Array;
  /** `whole`: from pillars; `dense`: from the bird's-eye-view map */
  readonly part: "whole" | "dense";
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/**
 * A detector as an ONNX model, batch norm folded into the convolutions before it: PointPillars whole, of others the part from
 * the bird's-eye-view map on, as ONNX has no sparse convolution and no columns of any number of points.
 *
 * In and out are arrays in the order in which `second-detector` has them, channels last. The model's `metadata_props` hold all
 * that it takes to make the one and to read the other.
 * @param arrays what `weightsToArrays` gives
 * @throws RangeError for a detector with a camera, or as `foldBatchNorm` if the arrays do not fit
 */
export function onnxDetector(
  arrays: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
  notes: OnnxNotes,
): OnnxDetector {
  if (config.camera !== undefined) {
    throw new RangeError(
      `onnxDetector: expected a detector without a camera, got ${config.name}: what it does with images is not exported`,
    );
  }
  const layers = detectorLayers(config);
  const folded = foldBatchNorm(arrays, config);
  const graph = new OnnxGraph();
  const part = layers.encoder.kind === "pillars" ? "whole" : "dense";
  if (part === "whole") addPillars(graph, layers.encoder, folded);
  addDense(graph, layers, folded);
  const [inputs, outputs] = [part === "whole" ? pillarPorts(layers) : mapPorts(layers), headPorts(config, part)];
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    opsetImport: [{ domain: "", version: BigInt(OPSET) }],
    producerName: "eloss",
    docString: notes.description,
    graph: {
      name: config.name,
      node: graph.nodes,
      initializer: graph.constants,
      input: inputs.map(portInfo),
      output: outputs.map(portInfo),
    },
    metadataProps: Object.entries(modelNotes(config, part, notes)).map(([key, value]) => ({ key, value })),
  });
  return { bytes: toBinary(ModelProtoSchema, model), part, inputs, outputs };
}

type DetectorLayers = ReturnType<typeof detectorLayers>;

function pillarPorts({ encoder }: DetectorLayers): OnnxPort[] {
  const columns = encoder.layers[0].inChannels;
  return [
    {
      name: PORTS.points,
      type: "float32",
      shape: ["pillars", encoder.slots!, columns],
      meaning: "points of each column, then zeros; see metadata inputs",
    },
    { name: PORTS.coords, type: "int32", shape: ["pillars", 3], meaning: "z, y, x of each column in the grid; z is 0" },
  ];
}

function mapPorts({ encoder: { layers, outputShape } }: DetectorLayers): OnnxPort[] {
  const [depth, height, width] = outputShape;
  const channels = layers[layers.length - 1].outChannels * depth;
  const meaning = "bird's-eye-view map: y, x, channel; see metadata inputs";
  return [{ name: PORTS.map, type: "float32", shape: ["batch", height, width, channels], meaning }];
}

function headPorts(config: DetectorConfig, part: OnnxDetector["part"]): OnnxPort[] {
  const { width, height } = headMapSize(config);
  const { head } = detectorLayers(config);
  const meanings = {
    cls: "y, x, anchor·classes + class: logits",
    box: "y, x, anchor·7 + number: codes against the anchor",
    dir: "y, x, anchor·2 + bin: logits of the half-turn",
  };
  return Object.entries(head).map(([name, { outChannels }]) => ({
    name: PORTS.heads[name as keyof typeof head],
    type: "float32",
    shape: [part === "whole" ? 1 : "batch", height, width, outChannels],
    meaning: `${meanings[name as keyof typeof head]}; see metadata anchors and decode`,
  }));
}
