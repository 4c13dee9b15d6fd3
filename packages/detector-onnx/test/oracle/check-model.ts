import { fromBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
} from "onnx-buf";

/** The operators of opset 17 that a detector needs: how many inputs each has, and which attributes, by ONNX's operator schemas. */
const OPERATORS: Readonly<
  Record<string, { inputs: readonly number[]; attributes?: Readonly<Record<string, AttributeType>> }>
> = {
  Add: { inputs: [2] },
  Cast: { inputs: [1], attributes: { to: AttributeType.INT } },
  Concat: { inputs: [1, 2, 3], attributes: { axis: AttributeType.INT } },
  ConstantOfShape: { inputs: [1], attributes: { value: AttributeType.TENSOR } },
  Conv: { inputs: [2, 3], attributes: convolution() },
  ConvTranspose: { inputs: [2, 3], attributes: convolution() },
  MatMul: { inputs: [2] },
  ReduceMax: { inputs: [1], attributes: { axes: AttributeType.INTS, keepdims: AttributeType.INT } },
  Relu: { inputs: [1] },
  ScatterND: { inputs: [3], attributes: { reduction: AttributeType.STRING } },
  Transpose: { inputs: [1], attributes: { perm: AttributeType.INTS } },
};
const REQUIRED: Readonly<Record<string, readonly string[]>> = { Cast: ["to"], Concat: ["axis"] };
const BYTES: Readonly<Record<number, number>> = { [DataType.FLOAT]: 4, [DataType.INT64]: 8 };

function convolution() {
  const { INTS, INT } = AttributeType;
  return { kernel_shape: INTS, strides: INTS, pads: INTS, dilations: INTS, group: INT };
}

/**
 * A model's file read back, and every rule of ONNX's checker that it breaks: written from the format's description, as the
 * checker itself is a program in another language.
 */
export function checkModel(bytes: Uint8Array): { readonly model: ModelProto; readonly faults: string[] } {
  const model = fromBinary(ModelProtoSchema, bytes);
  const faults: string[] = [];
  if (model.irVersion !== 8n) faults.push(`irVersion ${model.irVersion}`);
  if (model.opsetImport.length !== 1 || model.opsetImport[0].domain !== "") faults.push("opsetImport");
  const keys = model.metadataProps.map(({ key }) => key);
  if (new Set(keys).size < keys.length) faults.push("a metadata key twice");
  if (model.graph === undefined) return { model, faults: [...faults, "no graph"] };
  return { model, faults: [...faults, ...graphFaults(model.graph)] };
}

function graphFaults({ name, node: nodes, initializer, input, output }: GraphProto): string[] {
  const faults: string[] = name === "" ? ["a graph without a name"] : [];
  const known = new Set<string>();
  const define = (value: string) => {
    if (value === "" || known.has(value)) faults.push(`defined twice, or nameless: ${value}`);
    known.add(value);
  };
  const used = new Set<string>();
  for (const port of input) define(port.name);
  for (const tensor of initializer) {
    define(tensor.name);
    faults.push(...tensorFaults(tensor));
  }
  for (const { name, opType, domain, input, output, attribute } of nodes) {
    const operator = OPERATORS[opType];
    if (operator === undefined || domain !== "") faults.push(`${name}: no operator ${domain}.${opType}`);
    else {
      if (!operator.inputs.includes(input.length)) faults.push(`${name}: ${input.length} inputs`);
      for (const each of attribute) {
        if (operator.attributes?.[each.name] !== each.type)
          faults.push(`${name}: attribute ${each.name} of ${each.type}`);
      }
      for (const wanted of REQUIRED[opType] ?? []) {
        if (!attribute.some((each) => each.name === wanted)) faults.push(`${name}: no attribute ${wanted}`);
      }
    }
    // Nodes stand in the order of the data's flow: what one reads has been there before.
    for (const value of input) {
      if (!known.has(value)) faults.push(`${name}: reads ${value} before it is there`);
      used.add(value);
    }
    for (const value of output) define(value);
  }
  for (const { name, type } of output) {
    if (!known.has(name)) faults.push(`output ${name} is never made`);
    if (type?.value.case !== "tensorType" || !type.value.value.shape) faults.push(`output ${name} has no type`);
    used.add(name);
  }
  for (const value of known) if (!used.has(value)) faults.push(`${value} is for nothing`);
  return faults;
}

function tensorFaults({ name, dims, dataType, rawData, floatData, int64Data }: TensorProto): string[] {
  const count = dims.reduce((product, size) => product * Number(size), 1);
  const wanted = count * (BYTES[dataType] ?? Number.NaN);
  if (floatData.length + int64Data.length > 0) return [`${name}: numbers in two places`];
  return rawData.length === wanted ? [] : [`${name}: ${rawData.length} bytes for ${wanted}`];
}
