import { existsSync, readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  collateFrames,
  type DetectorConfig,
  decodeBoxes,
  disposeWeights,
  forwardDetector,
  type PytorchTensor,
  parsePytorchFile,
  prepareFrame,
  publicDetector,
  readStateDict,
  weightsFromArrays,
  weightsFromMmdet3d,
} from "../src/index.js";
import type { PublicTensor } from "../src/public-weights/renamed-tensors.js";
import { type Digest, digestError, namedNumbers } from "./named-numbers.js";
import { fixtureVoxels } from "./tiny/fixture-voxels.js";
import { tinyConfig } from "./tiny/tiny-config.js";

registerSimdBackend();

// From `scripts/pytorch-fixture.py`: files that PyTorch wrote, in both formats.
const bytesOf = (name: string) => readFileSync(new URL(`fixtures/pytorch/${name}`, import.meta.url));
const { head: heads, points: POINTS } = JSON.parse(bytesOf("head.json").toString());
/** float32 through eighteen layers, against float64. */
const TOLERANCE = 1e-5;

beforeAll(async () => {
  await tf.setBackend("simd");
});

/** The fixture's points, [n, 4]. */
function scan(): Float32Array {
  const [size, middle] = [
    [4, 4, 2, 0.5],
    [4, 0, 0, 0.5],
  ];
  return namedNumbers("scan", 4 * POINTS).map((u, i) => Math.fround(Math.fround(u * size[i % 4]) + middle[i % 4]));
}

const kinds = { second: "sparse", pillars: "pillars" } as const;

describe("detectors of PyTorch", () => {
  test.each(Object.keys(heads))("%s: the head's maps are PyTorch's", (name) => {
    const kind = name.includes("second") ? kinds.second : kinds.pillars;
    const { config, weights: arrays, source } = publicDetector(readStateDict(bytesOf(name), name), tinyConfig(kind));
    expect(source).toBe(name.startsWith("mm") ? "mmdetection3d" : "openpcdet");
    expect(config.predict.directionOffset).toBe(name.startsWith("mm") ? -Math.PI / 2 : 0.78539);
    expect(config.anchors.alignCenter).toBe(name === "mmdet3d-pillars.pth");
    const weights = weightsFromArrays(config, arrays);
    const frame = kind === "sparse" ? fixtureVoxels(80) : prepareFrame(scan(), config);
    const { head, ...rest } = forwardDetector(weights, collateFrames([frame], config), { config });
    const theirs: Record<string, Digest> = heads[name];
    for (const [part, x] of Object.entries(head)) {
      expect(digestError((x as tf.Tensor).dataSync(), theirs[part]), part).toBeLessThan(TOLERANCE);
    }
    tf.dispose([head, rest]);
    disposeWeights(weights);
  });

  test("classes of another order than the file says are another detector; other classes are an error", () => {
    const { tensors } = readStateDict(bytesOf("mmdet3d-second.pth"));
    const config = tinyConfig();
    const [named, unnamed] = [["Pedestrian", "Cyclist", "Car"], undefined].map((classes) =>
      weightsFromMmdet3d(tensors, config, { classes }),
    );
    expect(unnamed).toEqual(named);
    const other = weightsFromMmdet3d(tensors, config, { classes: ["Car", "Pedestrian", "Cyclist"] });
    expect(other.get("head.dir.bias")!.data).not.toEqual(named.get("head.dir.bias")!.data);
    expect(() => weightsFromMmdet3d(tensors, config, { classes: ["Car", "Van", "Cyclist"] })).toThrow(
      "weightsFromMmdet3d: expected the classes Car, Pedestrian, Cyclist of tiny, in any order, got Car, Van, Cyclist",
    );
  });

  test("pillars before 1.0 have nine features: the offset from the centre stands in the place of x and y", () => {
    const tensors = new Map<string, PublicTensor>(readStateDict(bytesOf("mmdet3d-pillars.pth")).tensors);
    // [out, in]: the weight of feature i of output k is 10k + i.
    const data = Float32Array.from({ length: 4 * 9 }, (_, at) => 10 * Math.floor(at / 9) + (at % 9));
    tensors.set("voxel_encoder.pfn_layers.0.linear.weight", { shape: [4, 9], data });
    const { source, weights } = publicDetector({ tensors }, tinyConfig("pillars"));
    expect(source).toBe("mmdetection3d-0.x");
    const { shape, data: filter } = weights.get("encoder.points.0.weight")!;
    expect(shape).toEqual([10, 4]);
    for (let k = 0; k < 4; k++) {
      const features = Array.from({ length: 10 }, (_, i) => filter[i * 4 + k]);
      const [x, y, z] = [10 * k + 0 + 10 * k + 7, 10 * k + 1 + 10 * k + 8, 0];
      expect(features).toEqual([0, 0, ...[2, 3, 4, 5, 6].map((i) => 10 * k + i), x, y, z]);
    }
  });

  test("a detector of one class, and what does not fit", () => {
    const config: DetectorConfig = { ...tinyConfig(), classes: tinyConfig().classes.slice(0, 1) };
    const tensors = new Map<string, PublicTensor>(readStateDict(bytesOf("mmdet3d-second.pth")).tensors);
    expect(() => weightsFromMmdet3d(tensors, config)).toThrow(
      /expected shape \[2, 7, 1, 1\] for bbox_head\.conv_cls\.weight, got \[18, 7, 1, 1\]/,
    );
    for (const [name, channels] of Object.entries({ conv_cls: 2, conv_reg: 14, conv_dir_cls: 4 })) {
      const size = channels * 7;
      tensors.set(`bbox_head.${name}.weight`, { shape: [channels, 7, 1, 1], data: namedNumbers(name, size) });
      tensors.set(`bbox_head.${name}.bias`, { shape: [channels], data: namedNumbers(`${name} bias`, channels) });
    }
    expect(weightsFromMmdet3d(tensors, config).get("head.box.bias")!.data).toEqual(namedNumbers("conv_reg bias", 14));
  });

  test("a box code before 1.0 decodes to the same box in today's frame", () => {
    const config = tinyConfig();
    const { tensors } = readStateDict(bytesOf("mmdet3d-second.pth"));
    const bias = tensors.get("bbox_head.conv_reg.bias")!.data as Float32Array; // class, rotation, code
    const dirs = tensors.get("bbox_head.conv_dir_cls.bias")!.data as Float32Array;
    const converted = weightsFromMmdet3d(tensors, config, { before1: true });
    const [ours, ourDirs] = ["head.box.bias", "head.dir.bias"].map((name) => converted.get(name)!.data);
    const car = 2; // in their order
    for (const [theirTurn, ourTurn] of [
      [0, 1],
      [1, 0],
    ]) {
      const { anchorSize } = config.classes[0];
      const [length, width, height] = anchorSize;
      const anchor = [0, 0, 0, length, width, height, config.anchors.rotations[ourTurn]];
      const oldAnchor = [0, 0, 0, width, length, height, config.anchors.rotations[theirTurn]];
      const at = (car * 2 + theirTurn) * 7;
      const box = decodeBoxes(ours.subarray(ourTurn * 7, ourTurn * 7 + 7), anchor);
      const old = decodeBoxes(bias.subarray(at, at + 7), oldAnchor);
      const expected = [old[0], old[1], old[2], old[4], old[3], old[5]];
      for (const [k, value] of expected.entries()) expect(box[k]).toBeCloseTo(value, 6);
      // A yaw up to half a turn: which half is the direction's to say.
      expect(Math.sin(box[6] - (-old[6] - Math.PI / 2))).toBeCloseTo(0, 6);
      const first = (car * 2 + theirTurn) * 2;
      expect([...ourDirs.subarray(ourTurn * 2, ourTurn * 2 + 2)]).toEqual([dirs[first + 1], dirs[first]]);
    }
  });
});

describe("files of torch.save", () => {
  test.each(["layouts.pth", "layouts-legacy.pth"])("%s: every type and layout", (name) => {
    const file = parsePytorchFile(bytesOf(name), name) as Map<string, unknown>;
    const tensor = (key: string) => file.get(key) as PytorchTensor;
    const contents = (key: string) => [tensor(key).dtype, tensor(key).shape, [...tensor(key).data]];
    expect(contents("first")).toEqual(["float32", [2, 3], [0, 1, 2, 3, 4, 5]]);
    expect(contents("second")).toEqual(["float32", [6], [6, 8, 10, 12, 14, 16]]);
    expect(contents("transposed")).toEqual([
      "float64",
      [4, 3],
      [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11].map((n) => n / 8),
    ]);
    expect(contents("inner")).toEqual(["float64", [2, 2], [5, 6, 9, 10].map((n) => n / 8)]);
    const half = [0, -0, 1, -2.5, 65504, 2 ** -14, 2 ** -24, 1365 / 4096, Number.POSITIVE_INFINITY, Number.NaN];
    expect(contents("half")).toEqual(["float16", [10], half]);
    const bfloat = [0, -0, 1, -2.5, 65536, 2 ** -14, 2 ** -24, 171 / 512, Number.POSITIVE_INFINITY, Number.NaN];
    expect(contents("bfloat")).toEqual(["bfloat16", [10], bfloat]);
    expect(contents("long")).toEqual(["int64", [2, 2], [1n, -(2n ** 62n), 3n, 4n]]);
    expect(contents("int")).toEqual(["int32", [2], [1, -2]]);
    expect(contents("short")).toEqual(["int16", [1], [-3]]);
    expect(contents("char")).toEqual(["int8", [1], [-4]]);
    expect(contents("byte")).toEqual(["uint8", [1], [200]]);
    expect(contents("bool")).toEqual(["bool", [2], [1, 0]]);
    expect(contents("scalar")).toEqual(["float64", [], [2.5]]);
    expect(contents("empty")).toEqual(["float64", [0, 3], []]);
    expect(contents("parameter")).toEqual(["float64", [2], [1.5, -1.5]]);
    const bytes = Uint8Array.of(0, 255);
    const plain = [1, -1, 300, 70000, 2 ** 40, 2n ** 80n, 0.1, true, null, "ü", bytes, [1, [2]], new Map([["k", [3]]])];
    expect(file.get("plain")).toEqual(plain);
    expect(file.get("size")).toEqual([2, 3]);
    expect(file.get("numpy")).toBe(0.25);
  });

  test.each(["hostile.pth", "hostile-legacy.pth"])("%s wants to run a command: refused, and not run", (name) => {
    expect(() => readStateDict(bytesOf(name), name)).toThrow(
      new RegExp(
        `^parsePytorchFile: ${name}: byte \\d+: expected numbers, strings, dictionaries and tensors, ` +
          "got a call of posix.system: this file wants to run code$",
      ),
    );
    expect(existsSync("/tmp/eloss-hostile-file-was-run")).toBe(false);
  });

  test.each(["openpcdet-second.pth", "openpcdet-pillars.pth"])(
    "%s cut off anywhere is an error with its place",
    (name) => {
      const whole = bytesOf(name);
      for (let length = 0; length < whole.length; length += 97) {
        expect(() => readStateDict(whole.subarray(0, length), name), `${length} bytes`).toThrow(
          /^parsePytorchFile: .*pth: byte \d+: expected /,
        );
      }
    },
  );

  test("a compressed entry is refused", () => {
    const file = Uint8Array.from(bytesOf("layouts.pth"));
    const view = new DataView(file.buffer);
    let at = file.length - 22;
    while (view.getUint32(at, true) !== 0x02014b50) at--; // the last entry of the directory
    view.setUint16(at + 10, 8, true);
    expect(() => parsePytorchFile(file)).toThrow(
      /stored as it is, as PyTorch does, got compressed or encrypted \(method 8\)/,
    );
  });

  /** A legacy file whose value is this pickle. */
  const legacy = (...operations: (number | string)[]) => {
    const ops = operations.flatMap((each) => (typeof each === "string" ? [...Buffer.from(each)] : [each]));
    const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
    const list = [0x80, 2, 0x5d, 0x2e];
    return Uint8Array.of(...magic, 0x80, 2, 0x4d, 0xe9, 3, 0x2e, 0x80, 2, 0x7d, 0x2e, ...ops, 0x2e, ...list);
  };

  test("every other operation and what has no end are refused by name", () => {
    expect(parsePytorchFile(legacy(0x80, 2, 0x4b, 7))).toBe(7);
    expect(() => parsePytorchFile(legacy(0x80, 2, "cos\nsystem\n"))).toThrow("a call of os.system: this file");
    expect(() => parsePytorchFile(legacy(0x80, 2, "ios\nsystem\n"))).toThrow("the pickle's operation 0x69");
    expect(() => parsePytorchFile(legacy(0x80, 2, 0x82, 1))).toThrow("the pickle's operation 0x82");
    expect(() => parsePytorchFile(legacy(...new Array(300).fill(0x28)))).toThrow("nesting of at most 200, got deeper");
    expect(() => parsePytorchFile(legacy(0x58, 0xff, 0xff, 0xff, 0x7f))).toThrow(/expected 2147483647 more bytes/);
    expect(() => parsePytorchFile(legacy(0x68, 3))).toThrow("a value that the pickle has kept, got number 3");
    expect(() => parsePytorchFile(legacy(0x52))).toThrow("a value on the pickle's stack, got none");
    const nones = new Uint8Array(1_000_100).fill(0x4e);
    const long = Buffer.concat([legacy().subarray(0, -5), nones]);
    expect(() => parsePytorchFile(long)).toThrow("a pickle of at most 1000000 operations, got more");
  });

  test("a tensor beyond its storage, or of more numbers than it", () => {
    // torch.FloatStorage "0" of so many numbers, as the tensor of this offset, size and stride
    const tensor = (offset: number, size: number, stride: number) =>
      legacy(
        ...[0x80, 2, "ctorch._utils\n_rebuild_tensor_v2\n", 0x28, 0x28, 0x58, 7, 0, 0, 0, "storage"],
        ...["ctorch\nFloatStorage\n", 0x58, 1, 0, 0, 0, "0", 0x58, 3, 0, 0, 0, "cpu", 0x4b, 4, 0x4e, 0x74, 0x51],
        ...[0x4b, offset, 0x4b, size, 0x85, 0x4b, stride, 0x85, 0x89, 0x4e, 0x74, 0x52],
      );
    expect(() => parsePytorchFile(tensor(0, 4, 1))).toThrow("expected numbers of storage 0, got none");
    for (const [offset, size, stride] of [
      [1, 4, 1],
      [0, 3, 2],
      [0, 5, 0],
    ]) {
      expect(() => parsePytorchFile(tensor(offset, size, stride))).toThrow(
        `a tensor within the 4 numbers of its storage, each of them once, got [${size}] with strides [${stride}] from ${offset} on`,
      );
    }
  });

  test("a file without weights says what it holds", () => {
    expect(() => readStateDict(legacy(0x80, 2, 0x4b, 7), "x.pth")).toThrow(
      "readStateDict: x.pth: expected a dictionary of tensors, or one in model_state, state_dict, model, got 7",
    );
    expect(() => parsePytorchFile(Uint8Array.of(1, 2, 3), "x.pth")).toThrow(
      "parsePytorchFile: x.pth: byte 0: expected a file of torch.save (a zip file, or its magic number), got something else",
    );
  });
});
