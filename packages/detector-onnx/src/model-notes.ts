import { buildAnchors, type DetectorConfig, detectorLayers } from "second-detector";
import type { OnnxDetector, OnnxNotes } from "./onnx-detector.js";

/**
 * What goes into a model's `metadata_props`: texts, or JSON where a program will want to read it (`config`, `classes`, `anchors`).
 */
export function modelNotes(
  config: DetectorConfig,
  part: OnnxDetector["part"],
  { description, licence }: OnnxNotes,
): Record<string, string> {
  return {
    description,
    licence,
    config: JSON.stringify(config),
    classes: JSON.stringify(config.classes.map(({ name }) => name)),
    anchors: JSON.stringify(anchorNotes(config)),
    inputs: part === "whole" ? pillarNote(config) : mapNote(config),
    decode: decodeNote(config),
  };
}

/** Where anchors stand; number ((y·width + x)·classes + class)·rotations + rotation. */
function anchorNotes(config: DetectorConfig) {
  const { boxes, width, height, anchorsPerCell } = buildAnchors(config);
  const axis = (number: 0 | 1, cells: number) => {
    const first = boxes[number];
    const next = boxes[(number === 0 ? 1 : width) * anchorsPerCell * 7 + number];
    return { first, step: cells > 1 ? next - first : 0, cells };
  };
  const { rotations } = config.anchors;
  return {
    order: ["y", "x", "class", "rotation"],
    x: axis(0, width),
    y: axis(1, height),
    rotations,
    classes: config.classes.map(({ name, anchorSize, anchorBottom }) => ({
      name,
      size: anchorSize,
      z: anchorBottom + anchorSize[2] / 2,
    })),
  };
}

/** How to make the input of a model that takes pillars. */
function pillarNote(config: DetectorConfig): string {
  const { features = ["x", "y", "z", "intensity"], pointRange, voxelSize, maxPointsPerVoxel, maxVoxels } = config;
  const [x0, y0, z0, x1, y1, z1] = pointRange;
  return [
    `Points with ${x0} <= x < ${x1}, ${y0} <= y < ${y1}, ${z0} <= z < ${z1} (metres; x forward, y left, z up) go to the column`,
    `floor((p - min) / size), size ${voxelSize.slice(0, 2).join(" x ")}, in float32; columns in the order in which they are met, ${maxVoxels.test} at most;`,
    `of each the first ${maxPointsPerVoxel} points.`,
    `Numbers of a point: ${features.join(", ")}; its offset x, y, z from the mean of the column's points; its offset from the column's centre.`,
    "A column with fewer points is filled up with rows of zeros, which count. pillar_coords: z = 0, y, x of the column; no column twice.",
  ].join("\n");
}

/** How to make the input of a model that takes the map of an encoder which is not in it. */
function mapNote(config: DetectorConfig): string {
  const { encoder } = detectorLayers(config);
  const [depth] = encoder.outputShape;
  const channels = encoder.layers[encoder.layers.length - 1].outChannels;
  return [
    `bev_map: what the encoder (${encoder.kind}) gives, InferenceNetwork.encode of second-detector: [batch, y, x, channel], zero where nothing is.`,
    `Channel c * ${depth} + d is channel c of ${channels} at height d: spconv's dense() [batch, c, d, y, x] with c and d joined, channels last.`,
  ].join("\n");
}

/** From the head's maps to boxes. */
function decodeNote({ classes, anchors, predict }: DetectorConfig): string {
  const { directionOffset, directionLimitOffset, scoreThreshold, maxCandidates, iouThreshold, maxBoxes } = predict;
  const [k, r] = [classes.length, anchors.rotations.length];
  return [
    `In every cell ${k * r} anchors: i = class * ${r} + rotation. Numbers of anchor i: class_logits i * ${k} + c, box_codes t[0..6] i * 7 + j, direction_logits i * 2 + bin.`,
    "score = largest 1 / (1 + exp(-logit c)), label = that c.",
    "d = sqrt(dxa^2 + dya^2) of the anchor; x = xa + t0 * d, y = ya + t1 * d, z = za + t2 * dza,",
    "dx = dxa * exp(t3), dy = dya * exp(t4), dz = dza * exp(t5); x, y, z is the box's centre.",
    `v = yawa + t6 - (${directionOffset}); yaw = v - floor(v / pi + ${directionLimitOffset}) * pi + (${directionOffset}) + pi * bin, bin the larger of the two directions.`,
    `Of scores >= ${scoreThreshold} the best ${maxCandidates}; a box whose overlap seen from above (rotated intersection over union, whatever the classes) with a better one`,
    `is above ${iouThreshold} goes; the best ${maxBoxes} stay.`,
  ].join("\n");
}
