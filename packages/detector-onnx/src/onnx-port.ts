import type { MessageInitShape } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, type ValueInfoProtoSchema } from "onnx-buf";

/** A way into a model or out of it. */
export interface OnnxPort {
  readonly name: string;
  readonly type: "float32" | "int32";
  /** a name where the size is the caller's */
  readonly shape: readonly (number | string)[];
  /** what it holds, for people */
  readonly meaning: string;
}

/** As the model's file has it. */
export function portInfo({ name, type, shape, meaning }: OnnxPort): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) => ({
    value:
      typeof size === "string"
        ? ({ case: "dimParam", value: size } as const)
        : ({ case: "dimValue", value: BigInt(size) } as const),
  }));
  const elemType = type === "float32" ? DataType.FLOAT : DataType.INT32;
  return { name, docString: meaning, type: { value: { case: "tensorType", value: { elemType, shape: { dim } } } } };
}
