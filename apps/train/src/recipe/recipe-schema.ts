import { PRECISIONS } from "open-backend";
import { builtinConfig, builtinConfigNames, detectorSchema, isBuiltinConfigName } from "second-detector";
import { z } from "zod";
import { dataReadingSchema } from "../frames/data-reading.js";

/** Passes over the frames at most. */
export const MOST_EPOCHS = 1_000_000;
/** Times that an epoch takes each frame at most. */
const MOST_REPEATS = 100_000;
/** Frames of a step at most. */
export const MOST_FRAMES_PER_STEP = 4096;
/** Of a rate, a weight, a length in metres. */
const MOST_FACTOR = 1e6;

const positive = z.number().positive().max(MOST_FACTOR);
const upTo = (most: number) => z.int().positive().max(most);
const notNegative = z.number().min(0).max(MOST_FACTOR);
const share = z.number().min(0).max(1);
const belowOne = z.number().min(0).lt(1);
const halfTurns = z
  .number()
  .min(0)
  .max(2 * Math.PI);

/** Both weights of the loss along a training, times as shares of it. */
const ramp = z.tuple([share, share]).refine(([begin, end]) => begin <= end, "expected a beginning before the end");

/** A map has no more cells or channels. */
const MOST_NEIGHBOUR = 10_000_000;

/** Neighbour that the `kl` estimator measures the distance to: a number, or a share of the C channels, ⌊C/n⌋. */
const neighbour = z.union(
  [
    upTo(MOST_NEIGHBOUR),
    z.custom<`C/${number}`>((value) => typeof value === "string" && /^C\/[1-9]\d{0,6}$/.test(value), {
      error: "expected C/n",
    }),
  ],
  { error: "expected a whole number, or C/n" },
);

/** AdamW with global-norm clipping on a one-cycle schedule. */
const training = z.strictObject({
  /** Passes over the frames, or over their repetitions. */
  epochs: upTo(MOST_EPOCHS),
  /** Times that an epoch takes each frame, for data sets of few frames; default 1. MMDetection3D's `RepeatDataset`. */
  repeats: upTo(MOST_REPEATS).optional(),
  /** Frames of a step. */
  batchSize: upTo(MOST_FRAMES_PER_STEP),
  /** Parts of a step's frames, each with batch-norm statistics of its own, that ranks of MPI share out. Default: the whole at once. */
  shards: upTo(MOST_FRAMES_PER_STEP).optional(),
  /** Before the schedule's ratios. */
  learningRate: positive,
  /** beta1, beta2. */
  betas: z.tuple([belowOne, belowOne]),
  weightDecay: notNegative,
  /** Largest global norm of the gradients. */
  gradientClip: positive,
  /** Shape of the schedule, as second-detector's `oneCycle` takes it. */
  oneCycle: z.strictObject({
    peakRatio: positive,
    endRatio: positive,
    riseFraction: share,
    peakBeta1: belowOne,
  }),
  /** Keep a running average of the weights beside them, to evaluate and use in their place; left out: none. */
  ema: z
    .strictObject({
      /** Share of the average that stays after a step: 0.999 averages over some 1000 steps. */
      decay: belowOne,
    })
    .optional(),
});

/** Changes of a training scan, in this order; those left out are not made. Metres and radians. */
const augmentation = z.strictObject({
  /** Objects of other training scans are pasted, where they stood, until a scan has so many of a class. */
  sampling: z
    .array(
      z.strictObject({
        class: z.string(),
        /** Objects that a scan shall have, its own among them. */
        count: upTo(1000),
        /** Fewest points of an object that is pasted. */
        minPoints: upTo(1_000_000),
      }),
    )
    .max(64)
    .optional(),
  /** Each object by itself: length, width and height stretched, by factors from the smallest to the largest. */
  objectScaling: z.tuple([positive, positive]).optional(),
  /** Each object by itself: moved with these standard deviations, turned by at most so much, both ways. */
  objectNoise: z
    .strictObject({
      translation: z.tuple([notNegative, notNegative, notNegative]),
      rotation: halfTurns,
      tries: upTo(1000),
    })
    .optional(),
  /** The whole scene. */
  scene: z
    .strictObject({
      /** Probability that left and right change places. */
      mirror: share,
      /** Largest turn about z, both ways. */
      rotation: halfTurns,
      /** Smallest and largest factor of all lengths. */
      scaling: z.tuple([positive, positive]),
      /** Standard deviation of a move along x, y and z: one number, or one for each. */
      translation: z.union([notNegative, z.tuple([notNegative, notNegative, notNegative])], {
        error: "expected a number, or three",
      }),
      /** Standard deviation of a slope along x and along y, metres a metre: streets that rise, or a sensor that leans. */
      slope: notNegative.optional(),
    })
    .optional(),
  /** What the sensor returns of it, as another one might. */
  returns: z
    .strictObject({
      /** Largest share of the points that a scan loses. */
      lost: share,
      /** Probability that a scan has no intensity. */
      withoutIntensity: share,
      /** Smallest and largest factor of all intensities. */
      intensityScaling: z.tuple([notNegative, notNegative]),
    })
    .optional(),
});

/** The Entropy Loss, for runs that are trained on it; the others measure entropies by the same estimator. */
const entropyLoss = z.strictObject({
  estimator: z.enum(["kl", "author"]),
  k: neighbour,
  /** Factor of its L1, the variance of the changes of entropy, in the total loss. */
  weight: notNegative,
  /** The second term, on the direction of the changes: −Σ ΔH², −mean |ΔH| or mean max(0, ΔH). */
  l2: z.strictObject({ form: z.enum(["none", "neg_square", "neg_abs", "hinge"]), weight: notNegative }),
  /**
   * What it sees; default: the taps as they are. `shuffled`, a control for experiments: each channel is moved around its map by a
   * random offset, anew in every step. The channels stay as large as they are, but nothing is left of how they lie to each other.
   */
  taps: z.enum(["own", "shuffled"]).optional(),
  /** Backbone blocks that it covers. */
  coverage: z.union([z.literal("all"), z.array(z.int().min(0).max(64)).min(1).max(64)], {
    error: 'expected "all" or a list of block numbers',
  }),
  /** Both weights over the training, times as shares of it: from 0 to whole over `rise`, back to 0 over `fall`. */
  schedule: z
    .strictObject({ rise: ramp.optional(), fall: ramp.optional(), shape: z.enum(["linear", "cosine"]).optional() })
    .optional(),
});

/** A detector: whole, or by the name of one that comes with second-detector. */
const detector = z.preprocess((value, context) => {
  if (typeof value !== "string") return value;
  if (isBuiltinConfigName(value)) return builtinConfig(value);
  context.addIssue({
    code: "custom",
    message: `expected a whole detector, or one of ${builtinConfigNames.join(", ")}`,
  });
  return z.NEVER;
}, detectorSchema);

/** What a recipe must be: types and ranges of each field, then the rules between detector and training. */
export const recipeSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    detector,
    data: dataReadingSchema.optional(),
    training,
    augmentation: augmentation.optional(),
    entropyLoss,
    /** What the layers' products round their operands to; default float32. All else is float32. */
    precision: z.enum(PRECISIONS).optional(),
  })
  .superRefine((recipe, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    const classes = recipe.detector.classes.map(({ name }) => name);
    classes.forEach((name, i) => {
      const other = classes.slice(0, i).find((each) => each !== name && each.toLowerCase() === name.toLowerCase());
      if (other === undefined) return;
      fault(
        ["detector", "classes", i, "name"],
        `expected a name that is not ${other} in other letters (case does not matter in labels: it would learn nothing)`,
      );
    });
    const { sampling = [], objectScaling, scene } = recipe.augmentation ?? {};
    sampling.forEach(({ class: name }, i) => {
      const path = ["augmentation", "sampling", i, "class"];
      if (!classes.includes(name)) fault(path, `expected one of ${classes.join(", ")}`);
      if (sampling.findIndex((other) => other.class === name) !== i) fault(path, "expected each class once");
    });
    if (scene && scene.scaling[1] < scene.scaling[0]) {
      fault(["augmentation", "scene", "scaling", 1], `expected at least the smallest factor ${scene.scaling[0]}`);
    }
    if (objectScaling && objectScaling[1] < objectScaling[0]) {
      fault(["augmentation", "objectScaling", 1], `expected at least the smallest factor ${objectScaling[0]}`);
    }
    const { returns } = recipe.augmentation ?? {};
    if (returns && returns.intensityScaling[1] < returns.intensityScaling[0]) {
      const least = returns.intensityScaling[0];
      fault(["augmentation", "returns", "intensityScaling", 1], `expected at least the smallest factor ${least}`);
    }
    const { coverage } = recipe.entropyLoss;
    if (coverage === "all") return;
    const blocks = recipe.detector.backbone.layers.length;
    coverage.forEach((block, i) => {
      const path = ["entropyLoss", "coverage", i];
      if (block >= blocks) fault(path, `expected a block below ${blocks}`);
      if (coverage.indexOf(block) !== i) fault(path, "expected each block once");
    });
  });

/** Everything that defines how a detector is trained, as checked data: the detector itself, and how it learns. */
export type Recipe = DeepReadonly<z.infer<typeof recipeSchema>>;
/** How a recipe's optimiser works. */
export type TrainingConfig = Recipe["training"];
/** How a recipe changes training scans, anew in every epoch. */
export type AugmentationConfig = NonNullable<Recipe["augmentation"]>;
/** What a recipe has for the Entropy Loss. */
export type EntropyLossConfig = Recipe["entropyLoss"];

type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };
