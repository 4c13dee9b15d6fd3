import { z } from "zod";
import { cameraSchema } from "../camera/camera-schema.js";
import type { DetectorConfig } from "./detector-config.js";

const positive = z.number().positive();
const count = z.int().positive();
const share = z.number().min(0).max(1);
const angle = z
  .number()
  .min(-2 * Math.PI)
  .max(2 * Math.PI);
const counts = z.array(count).min(1).max(64);

const detectorClass = z.strictObject({
  name: z.string().min(1),
  anchorSize: z.tuple([positive, positive, positive]),
  anchorBottom: z.number(),
  positiveIou: share,
  negativeIou: share,
});

const fields = z.strictObject({
  name: z.string().min(1),
  classes: z.array(detectorClass).min(1).max(64),
  pointRange: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
  voxelSize: z.tuple([positive, positive, positive]),
  maxPointsPerVoxel: count,
  maxVoxels: z.strictObject({ train: count, test: count }),
  encoder: z.discriminatedUnion(
    "kind",
    [
      z.strictObject({ kind: z.literal("sparse"), channels: z.array(count).min(3).max(64) }),
      z.strictObject({ kind: z.literal("pillars"), channels: count }),
      z.strictObject({ kind: z.literal("pointnet"), channels: counts }),
    ],
    { error: "expected sparse, pillars or pointnet" },
  ),
  backbone: z.strictObject({ layers: z.array(z.int().min(0)).min(1).max(64), strides: counts, channels: counts }),
  neck: z.strictObject({ strides: counts, channels: counts }),
  camera: cameraSchema.optional(),
  batchNorm: z.strictObject({ epsilon: positive, momentum: share }),
  anchors: z.strictObject({ rotations: z.array(angle).min(1).max(64), alignCenter: z.boolean() }),
  loss: z.strictObject({
    focalAlpha: share,
    focalGamma: z.number().min(0),
    smoothL1Beta: positive,
    classWeight: z.number().min(0),
    boxWeight: z.number().min(0),
    directionWeight: z.number().min(0),
    directionOffset: angle,
  }),
  predict: z.strictObject({
    scoreThreshold: share,
    maxCandidates: count,
    iouThreshold: share,
    maxBoxes: count,
    directionOffset: angle,
    directionLimitOffset: z.number(),
  }),
});

/**
 * What a {@link DetectorConfig} must be, as a schema of zod 4: types and ranges of each field, then the rules between fields.
 * For those who nest a detector in a schema of their own.
 */
export const detectorSchema: z.ZodType<DetectorConfig> = fields.superRefine((config, context) => {
  const fault = (path: (string | number)[], expected: string) =>
    context.addIssue({ code: "custom", path, message: expected });
  const blocks = config.backbone.layers.length;
  const perBlock = {
    "backbone.strides": config.backbone.strides,
    "backbone.channels": config.backbone.channels,
    "neck.strides": config.neck.strides,
    "neck.channels": config.neck.channels,
  };
  for (const [path, list] of Object.entries(perBlock)) {
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
    if (negativeIou > positiveIou) fault(["classes", i, "negativeIou"], `expected at most positiveIou ${positiveIou}`);
  });
});
