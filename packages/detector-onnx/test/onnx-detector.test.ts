import { buildAnchors, builtinConfig, type NamedArray, parseDetectorConfig } from "second-detector";
import { pretrainedNames } from "second-weights";
import { describe, expect, test } from "vitest";
import { onnxDetector } from "../src/index.js";
import { notes, published } from "./detectors.js";
import { checkModel } from "./oracle/check-model.js";

describe.each(pretrainedNames)("%s as ONNX", (name) => {
  test("keeps the rules of ONNX's checker, at the operator set that it states", () => {
    const { config, weights } = published(name);
    const { model, faults } = checkModel(onnxDetector(weights, config, notes).bytes);
    expect(faults).toEqual([]);
    expect(model.opsetImport[0].version).toBe(17n);
    expect(model.graph!.node.filter(({ opType }) => opType === "Conv" || opType === "ConvTranspose")).toHaveLength(
      config.backbone.layers.reduce((sum, count) => sum + count + 1, 0) + config.neck.strides.length + 3,
    );
  });

  test("has the ports that it says", () => {
    const { config, weights } = published(name);
    const { bytes, inputs, outputs, part } = onnxDetector(weights, config, notes);
    const { graph } = checkModel(bytes).model;
    for (const [ports, infos] of [
      [inputs, graph!.input],
      [outputs, graph!.output],
    ] as const) {
      const found = infos.map(({ name, type, docString }) => {
        if (type!.value.case !== "tensorType") throw new Error("expected a tensor");
        const { elemType, shape } = type!.value.value;
        const sizes = shape!.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : value.value));
        return {
          name,
          type: elemType === 1 ? "float32" : elemType === 6 ? "int32" : elemType,
          shape: sizes,
          meaning: docString,
        };
      });
      expect(found).toEqual(ports);
    }
    expect(part).toBe(name === "pointpillars-small" ? "whole" : "dense");
    expect(inputs.map((port) => port.name)).toEqual(
      part === "whole" ? ["pillar_points", "pillar_coords"] : ["bev_map"],
    );
    expect(outputs.map((port) => port.name)).toEqual(["class_logits", "box_codes", "direction_logits"]);
  });

  test("tells who reads it what it takes to decode it", () => {
    const { config, weights } = published(name);
    const { model } = checkModel(onnxDetector(weights, config, notes).bytes);
    const told = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
    expect(parseDetectorConfig(told.config, "metadata")).toEqual(config);
    expect(JSON.parse(told.classes)).toEqual(["Car", "Pedestrian", "Cyclist"]);
    expect(told).toMatchObject(notes);
    expect(model.docString).toBe(notes.description);
    expect(told.decode).toContain(`Of scores >= ${config.predict.scoreThreshold}`);
    expect(told.inputs).toContain(
      config.encoder.kind === "pillars" ? "filled up with rows of zeros" : "InferenceNetwork.encode",
    );
    // The anchors again, from what is told alone.
    const { x, y, rotations, classes } = JSON.parse(told.anchors);
    const anchors = buildAnchors(config);
    let i = 0;
    for (let row = 0; row < y.cells; row++) {
      for (let column = 0; column < x.cells; column++) {
        for (const { size, z } of classes) {
          for (const yaw of rotations) {
            const wanted = [x.first + column * x.step, y.first + row * y.step, z, ...size, yaw];
            wanted.forEach((value, k) => {
              if (!(Math.abs(anchors.boxes[7 * i + k] - value) < 1e-9))
                expect(anchors.boxes[7 * i + k]).toBeCloseTo(value, 9);
            });
            i++;
          }
        }
      }
    }
    expect(i).toBe(anchors.labels.length);
  });

  test("gives the same bytes for the same weights", () => {
    const { config, weights } = published(name);
    const [a, b] = [onnxDetector(weights, config, notes), onnxDetector(new Map(weights), config, notes)];
    expect(Buffer.from(a.bytes).equals(b.bytes)).toBe(true);
  });
});

test("refuses a detector with a camera, and weights of another detector", () => {
  const nothing = new Map<string, NamedArray>();
  expect(() => onnxDetector(nothing, builtinConfig("second-resnet"), notes)).toThrow(
    "onnxDetector: expected a detector without a camera, got second-resnet",
  );
  expect(() => onnxDetector(nothing, builtinConfig("second-mini"), notes)).toThrow(
    "weights do not fit the configuration",
  );
});
