import * as z from "zod";
import { cameraSchema } from "../camera/camera-schema.js";
import { extentFaults } from "./config-extent.js";
import { LIMITS } from "./config-limits.js";
import type { DetectorConfig } from "./detector-config.js";

/**
 * What a {@link DetectorConfig} must be, as a schema of zod 4: types and ranges of each field, then the rules between fields, then
 * what they ask for together.
 * For those who nest a detector in a schema of their own.
 */
export const detectorSchema: z.ZodType<DetectorConfig> = /* @__PURE__ */ buildDetectorSchema();

/** In a function, so that who bundles something else of this package gets no schemas with it. */
function buildDetectorSchema(): z.ZodType<DetectorConfig> {
  const size = z.number().positive().max(LIMITS.metres);
  const place = z.number().min(-LIMITS.metres).max(LIMITS.metres);
  const factor = z.number().min(0).max(LIMITS.factor);
  const positive = z.number().positive().max(LIMITS.factor);
  const upTo = (most: number) => z.int().positive().max(most);
  const share = z.number().min(0).max(1);
  const angle = z
    .number()
    .min(-2 * Math.PI)
    .max(2 * Math.PI);
  const perBlock = (entry: z.ZodType<number>) => z.array(entry).min(1).max(LIMITS.entries);
  const channels = upTo(LIMITS.channels);

  const detectorClass = z.strictObject({
    name: z.string().min(1).max(100),
    anchorSize: z.tuple([size, size, size]),
    anchorBottom: place,
    positiveIou: share,
    negativeIou: share,
  });

  const place3 = [z.literal("x"), z.literal("y"), z.literal("z")] as const;
  const pointFeatures = z.union([z.tuple([...place3]), z.tuple([...place3, z.literal("intensity")])], {
    error: "expected [x, y, z] or [x, y, z, intensity]",
  });

  const fields = z.strictObject({
    name: z.string().min(1).max(100),
    classes: z.array(detectorClass).min(1).max(LIMITS.entries),
    features: pointFeatures.optional(),
    pointRange: z.tuple([place, place, place, place, place, place]),
    voxelSize: z.tuple([size, size, size]),
    maxPointsPerVoxel: upTo(LIMITS.pointsPerVoxel),
    maxVoxels: z.strictObject({ train: upTo(LIMITS.voxels), test: upTo(LIMITS.voxels) }),
    encoder: z.discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("sparse"), channels: z.array(channels).min(3).max(LIMITS.entries) }),
        z.strictObject({ kind: z.literal("pillars"), channels }),
        z.strictObject({ kind: z.literal("pointnet"), channels: perBlock(channels) }),
      ],
      { error: "expected sparse, pillars or pointnet" },
    ),
    backbone: z.strictObject({
      layers: perBlock(z.int().min(0).max(LIMITS.convolutions)),
      strides: perBlock(upTo(LIMITS.stride)),
      channels: perBlock(channels),
    }),
    neck: z.strictObject({ strides: perBlock(upTo(LIMITS.stride)), channels: perBlock(channels) }),
    camera: cameraSchema.optional(),
    batchNorm: z.strictObject({ epsilon: positive, momentum: share }),
    anchors: z.strictObject({ rotations: z.array(angle).min(1).max(LIMITS.entries), alignCenter: z.boolean() }),
    loss: z.strictObject({
      focalAlpha: share,
      focalGamma: factor,
      smoothL1Beta: positive,
      classWeight: factor,
      boxWeight: factor,
      directionWeight: factor,
      directionOffset: angle,
    }),
    predict: z.strictObject({
      scoreThreshold: share,
      maxCandidates: upTo(LIMITS.boxes),
      iouThreshold: share,
      maxBoxes: upTo(LIMITS.boxes),
      directionOffset: angle,
      directionLimitOffset: z.number().min(-LIMITS.factor).max(LIMITS.factor),
    }),
  });

  return fields.superRefine((config, context) => {
    const fault = (path: readonly (string | number)[], expected: string) =>
      context.addIssue({ code: "custom", path: [...path], message: expected });
    const blocks = config.backbone.layers.length;
    const blockLists = {
      "backbone.strides": config.backbone.strides,
      "backbone.channels": config.backbone.channels,
      "neck.strides": config.neck.strides,
      "neck.channels": config.neck.channels,
    };
    for (const [path, list] of Object.entries(blockLists)) {
      if (list.length !== blocks) fault(path.split("."), `expected ${blocks} entries, as backbone.layers has`);
    }
    for (let axis = 0; axis < 3; axis++) {
      const min = config.pointRange[axis];
      if (config.pointRange[axis + 3] <= min) fault(["pointRange", axis + 3], `expected more than the minimum ${min}`);
    }
    const height = config.pointRange[5] - config.pointRange[2];
    if (config.encoder.kind !== "sparse" && Math.round(height / config.voxelSize[2]) !== 1) {
      fault(["voxelSize", 2], `expected the height of pointRange, ${height}, for an encoder on points`);
    }
    config.classes.forEach(({ name, positiveIou, negativeIou }, i) => {
      if (config.classes.findIndex((other) => other.name === name) !== i)
        fault(["classes", i, "name"], "expected a new name");
      if (negativeIou > positiveIou)
        fault(["classes", i, "negativeIou"], `expected at most positiveIou ${positiveIou}`);
    });
    // Numbers out of their range are among the issues: what they make together could not be counted.
    if (context.issues.length > 0) return;
    for (const { path, expected } of extentFaults(config)) fault(path, expected);
  });
}
