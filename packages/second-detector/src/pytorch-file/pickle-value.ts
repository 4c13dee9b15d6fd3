import type { PytorchDtype, PytorchTensor, Storage } from "./pytorch-tensor.js";

/** What a pickle of ours can hold: tuples and lists are arrays, dictionaries maps, long integers bigints. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | Map<PickleValue, PickleValue>
  | PytorchTensor
  | Storage
  | PickleCall;

/** What a call of a pickle may do: nothing but to make a value out of values. */
export interface PickleCall {
  /** as the pickle has it, such as `collections.OrderedDict` */
  readonly name: string;
  readonly call: (values: readonly PickleValue[], context: CallContext) => PickleValue;
  /** `torch.FloatStorage` and its kin */
  readonly dtype?: PytorchDtype;
}

/** What a call is given beside its values. */
export interface CallContext {
  /** counts values that a call copies, against calls without end on one long list */
  readonly spend: (units: number) => void;
  readonly fail: (expected: string, got: string) => never;
}

export function isCall(value: unknown): value is PickleCall {
  return typeof value === "object" && value !== null && "call" in value;
}

/** What a value is, for an error. */
export function kindOf(value: PickleValue): string {
  if (value === null) return "None";
  if (typeof value === "string") return JSON.stringify(short(value));
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dictionary of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return isCall(value) ? value.name : "a tensor";
}

/** The beginning of a long text. */
export function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
