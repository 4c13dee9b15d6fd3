import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type NodeProtoSchema,
  type TensorProtoSchema,
} from "onnx-buf";
import type { NamedArray } from "second-detector";

/** What a node is told beside its inputs: whole numbers. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** A graph in the making: nodes in the order of the data's flow, and the constants that they read. */
export class OnnxGraph {
  readonly nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly constants: MessageInitShape<typeof TensorProtoSchema>[] = [];

  /** Adds an array of float32. @returns its name */
  constant(name: string, { shape, data }: NamedArray): string {
    const rawData = new Uint8Array(new Float32Array(data).buffer); // little-endian, as every machine that Node runs on
    this.constants.push({ name, dataType: DataType.FLOAT, dims: shape.map(BigInt), rawData });
    return name;
  }

  /** Adds a list of whole numbers. @returns its name */
  integers(name: string, values: readonly number[]): string {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.constants.push({ name, dataType: DataType.INT64, dims: [BigInt(values.length)], rawData });
    return name;
  }

  /**
   * Adds a node, which is called as its output.
   * @param op     operator of ONNX's own domain, such as `Conv`
   * @param inputs names of constants, of the graph's inputs or of earlier outputs
   * @returns the output's name
   */
  node(
    op: string,
    inputs: readonly string[],
    { output, attributes = {} }: { readonly output: string; readonly attributes?: Attributes },
  ): string {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.nodes.push({ name: output, opType: op, input: [...inputs], output: [output], attribute });
    return output;
  }
}

function attributeOf(name: string, value: number | readonly number[]): MessageInitShape<typeof AttributeProtoSchema> {
  return typeof value === "number"
    ? { name, type: AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeType.INTS, ints: value.map(BigInt) };
}
