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

const shareOfChannels = z.custom<`C/${number}`>(
  (value) => typeof value === "string" && /^C\/[1-9]\d{0,6}$/.test(value),
);

const ramp = z.tuple([share, share]).refine(([begin, end]) => begin <= end, "expected a beginning before the end");

const detectorClass = z.strictObject({
  name: z.string().min(1),
  anchorSize: z.tuple([positive, positive, positive]),
  anchorBottom: z.number(),
  positiveIou: share,
  negativeIou: share,
});

const training = z.strictObject({
  epochs: count,
  batchSize: count,
  learningRate: positive,
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]),
  weightDecay: z.number().min(0),
  gradientClip: positive,
  oneCycle: z.strictObject({
    peakRatio: positive,
    endRatio: positive,
    riseFraction: share,
    peakBeta1: z.number().min(0).lt(1),
  }),
});

const augmentation = z.strictObject({
  sampling: z.array(z.strictObject({ class: z.string(), count, minPoints: count })).optional(),
  objectNoise: z
    .strictObject({
      translation: z.tuple([z.number().min(0), z.number().min(0), z.number().min(0)]),
      rotation: angle.min(0),
      tries: count.max(1000),
    })
    .optional(),
  scene: z
    .strictObject({
      mirror: share,
      rotation: angle.min(0),
      scaling: z.tuple([positive, positive]),
      translation: z.number().min(0),
    })
    .optional(),
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
  training,
  augmentation: augmentation.optional(),
  entropyLoss: z.strictObject({
    estimator: z.enum(["kl", "author"]),
    k: z.union([count, shareOfChannels], { error: "expected a whole number, or C/n" }),
    weight: z.number().min(0),
    l2: z.strictObject({ form: z.enum(["none", "neg_square", "neg_abs", "hinge"]), weight: z.number().min(0) }),
    coverage: z.union([z.literal("all"), z.array(z.int().min(0)).min(1)], {
      error: 'expected "all" or a list of block numbers',
    }),
    schedule: z
      .strictObject({ rise: ramp.optional(), fall: ramp.optional(), shape: z.enum(["linear", "cosine"]).optional() })
      .optional(),
  }),
});

/** What a configuration must be: types and ranges of each field, then the rules between fields. */
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
  const { sampling = [], scene } = config.augmentation ?? {};
  sampling.forEach(({ class: name }, i) => {
    if (!config.classes.some((each) => each.name === name))
      fault(
        ["augmentation", "sampling", i, "class"],
        `expected one of ${config.classes.map((each) => each.name).join(", ")}`,
      );
    if (sampling.findIndex((other) => other.class === name) !== i)
      fault(["augmentation", "sampling", i, "class"], "expected each class once");
  });
  if (scene && scene.scaling[1] < scene.scaling[0])
    fault(["augmentation", "scene", "scaling", 1], `expected at least the smallest factor ${scene.scaling[0]}`);
  const { coverage } = config.entropyLoss;
  if (coverage !== "all") {
    coverage.forEach((block, i) => {
      if (block >= blocks) fault(["entropyLoss", "coverage", i], `expected a block below ${blocks}`);
      if (coverage.indexOf(block) !== i) fault(["entropyLoss", "coverage", i], "expected each block once");
    });
  }
});
