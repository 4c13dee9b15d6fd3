import { readabilityFindings } from "../readability/readability-findings.js";
import type { EntropyLossConfig, Recipe } from "../recipe/recipe-schema.js";
import { WrongUse } from "../system/command-error.js";
import { unusualLossFindings } from "../unusual-input/loss-findings.js";
import { unusualFindings } from "../unusual-input/unusual-findings.js";
import { type Arm, bfloat16Arm, lossArm, plainArm } from "./arms.js";
import type { Bases, Experiment } from "./experiment.js";
import {
  accuracyFindings,
  curvesFindings,
  gainFindings,
  latencyFindings,
  neighbourFindings,
  noiseFindings,
  precisionFindings,
  replicationFindings,
} from "./findings.js";

/** Suffix of the arm with the loss as the paper has it: L1 of all blocks, C/10 neighbours, weight 1. */
const LOSS = "l1";

const withAndWithout = (recipe: Recipe): readonly Arm[] => [plainArm(recipe), lossArm(recipe, LOSS)];

/** Of docs/protocol.md. */
const REPLICATION_SCALE = {
  size: "small",
  seeds: 10,
  trainFrames: 200,
  valFrames: 200,
  epochs: 15,
  ema: 0.999,
} as const;

/** Of the replication: SECOND decides, the others accompany. */
const FEWER_SEEDS = 6;

/** L1 against none, as docs/protocol.md has it for three detectors: what looks into the replication's runs needs no others. */
function detectorPairs({ recipe }: Bases): Arm[] {
  const simpler = [recipe("pointpillars"), recipe("pointnet")].flatMap(withAndWithout);
  return [...withAndWithout(recipe("second")), ...simpler.map((arm) => ({ ...arm, stage: 1, seeds: FEWER_SEEDS }))];
}

/** The arms of docs/protocol.md, those of the primary endpoint before all others. */
function replicationArms({ recipe }: Bases): Arm[] {
  const [second, pillars, pointnet] = [recipe("second"), recipe("pointpillars"), recipe("pointnet")];
  const hinge = { l2: { form: "hinge", weight: 1 } } as const;
  const others = [
    lossArm(second, "l1-shuffled", { taps: "shuffled" }),
    // The published code takes the first block; that of the small detector has one change of entropy, which does not vary.
    lossArm(second, "l1-author", { estimator: "author", coverage: [1] }),
    lossArm(second, "l2-hinge", { weight: 0, ...hinge }),
    lossArm(second, "l1-l2-hinge", hinge),
    lossArm(second, "l1x30", { weight: 30 }),
  ];
  const simpler = [
    ...withAndWithout(pillars),
    lossArm(pillars, "block1", { coverage: [0] }),
    ...withAndWithout(pointnet),
  ];
  return [
    ...withAndWithout(second),
    ...others.map((arm) => ({ ...arm, stage: 1 })),
    ...simpler.map((arm) => ({ ...arm, stage: 1, seeds: FEWER_SEEDS })),
  ];
}

/** @throws WrongUse where there are no detectors with a camera */
function cameraArms({ cameraModels, recipe }: Bases): Arm[] {
  if (cameraModels.length === 0)
    throw new WrongUse("experiment camera: expected --size small or kitti, as no tiny detector has a camera; got mini");
  return cameraModels.flatMap((model) => withAndWithout(recipe(model)));
}

/** @throws WrongUse if all is to be bfloat16 already */
function precisionArms({ recipe }: Bases): Arm[] {
  const second = recipe("second");
  if (second.precision === "bf16")
    throw new WrongUse("experiment precision: expected no --precision, as it compares both");
  return [plainArm(second), bfloat16Arm(second)];
}

/** Every experiment, by name, in the order of the list that `eloss experiment --help` prints. */
export const experiments: readonly Experiment[] = [
  {
    name: "table",
    title: "Accuracy with and without the Entropy Loss",
    question: "Does the Entropy Loss make detectors more accurate, with the same seed, batch and precision?",
    paper:
      "Abstract: up to +4.47 % accuracy on the KITTI test set after 60 epochs, most for simple networks; the table's cells are " +
      "not available. The authors' log of one seed (Car 3D moderate AP R40, a split of their own): SECOND 85.30 without, 84.41 with.",
    arms: ({ models, recipe }) => models.flatMap((model) => withAndWithout(recipe(model))),
    findings: accuracyFindings,
  },
  {
    name: "curves",
    title: "Accuracy by epoch",
    question: "Does the Entropy Loss accelerate training: is a given accuracy reached in fewer epochs?",
    paper:
      'Abstract: training is accelerated. The table of the "R² ratio" is not available, nor its definition. R² of ' +
      "AP ≈ a + b·ln(epoch), computed from the authors' log of one seed: 0.724 without and 0.780 with the loss (strict overlap).",
    arms: ({ models, recipe }) => models.flatMap((model) => withAndWithout(recipe(model))),
    findings: curvesFindings,
  },
  {
    name: "l1-l2",
    title: "The two terms and their weights",
    question: "Which term helps: L1, one of the forms of L2, or both, with what weight, and when in the training?",
    paper: "L1 with weight 1 in every published configuration, L2 commented out; an ablation is not available.",
    arms: ({ recipe }) => {
      const second = recipe("second");
      const l2 = (form: EntropyLossConfig["l2"]["form"]) => ({ l2: { form, weight: 1 } });
      return [
        ...withAndWithout(second),
        // as the authors' published configurations have it
        lossArm(second, "l1-author", { estimator: "author", coverage: [0] }),
        lossArm(second, "l1x30", { weight: 30 }),
        lossArm(second, "l1x1000", { weight: 1000 }),
        lossArm(second, "l1x30-rise", { weight: 30, schedule: { rise: [0, 0.5] } }),
        lossArm(second, "l1x30-fall", { weight: 30, schedule: { fall: [0.5, 1] } }),
        lossArm(second, "l2-neg-square", { weight: 0, ...l2("neg_square") }),
        lossArm(second, "l2-neg-abs", { weight: 0, ...l2("neg_abs") }),
        lossArm(second, "l2-hinge", { weight: 0, ...l2("hinge") }),
        lossArm(second, "l1-l2-hinge", l2("hinge")),
      ];
    },
    findings: accuracyFindings,
  },
  {
    name: "k",
    title: "Which neighbour",
    question: "How does the neighbour k change the estimate, its cost and the detector?",
    paper: "k = C/10, called the most suitable one; an ablation is not available.",
    arms: ({ recipe }) => {
      const second = recipe("second");
      return [
        ...withAndWithout(second),
        lossArm(second, "k-c20", { k: "C/20" }),
        lossArm(second, "k-c5", { k: "C/5" }),
        lossArm(second, "k-1", { k: 1 }),
        lossArm(second, "k-5", { k: 5 }),
      ];
    },
    findings: neighbourFindings,
  },
  {
    name: "pointnet",
    title: "A simple network",
    question: "Does a simple network gain more from the Entropy Loss than SECOND?",
    paper: "Gains are largest in simple networks and diluted in the most complex one; figures are not available.",
    arms: ({ recipe }) => [...withAndWithout(recipe("second")), ...withAndWithout(recipe("pointnet"))],
    findings: gainFindings,
  },
  {
    name: "camera",
    title: "With a camera",
    question: "Do detectors with a camera gain from the Entropy Loss, the simplest and the most complex one?",
    paper:
      "Abstract: up to +4.47 % accuracy on the KITTI test set; gains are largest in simple networks and diluted in the most complex one, which has a " +
      "camera; the table's cells are not available.",
    standard: { ...REPLICATION_SCALE, seeds: 3 },
    arms: cameraArms,
    findings: accuracyFindings,
  },
  {
    name: "coverage",
    title: "How much of the backbone",
    question: "Does it matter whether the Entropy Loss covers the first block, two or all of them?",
    paper:
      "Authors' log of one seed, each continued from a trained checkpoint for 5 epochs (Car 3D moderate AP R40, last epoch): " +
      "PointPillars 79.55, 82.61 and 77.56 with one, two and three blocks; SECOND 81.60 and 79.90 with one and two.",
    arms: ({ recipe }) => {
      const [second, pillars] = [recipe("second"), recipe("pointpillars")];
      return [
        ...withAndWithout(second),
        lossArm(second, "block1", { coverage: [0] }),
        ...withAndWithout(pillars),
        lossArm(pillars, "block1", { coverage: [0] }),
        lossArm(pillars, "block2", { coverage: [0, 1] }),
      ];
    },
    findings: accuracyFindings,
  },
  {
    name: "noise",
    title: "Noisy scans",
    question: "Do the entropies of a scan tell that it is noisy, and what happens to the detector's confidence?",
    paper:
      "A later paper's README: with noise PointPillars' confidence fell from 0.168 to 0.128 and Eloss rose from 2.56e-4 to 1.48e-1 " +
      "(nuScenes); SECOND's confidence from 0.495 to 0.248, Eloss from 1.58e-3 to 9.09e-3 (KITTI).",
    arms: ({ recipe }) => withAndWithout(recipe("second")),
    needsFolders: true,
    findings: noiseFindings,
  },
  {
    name: "unusual-input",
    title: "Unusual input",
    question:
      "Do the entropies of a scan tell that it is unlike those that a detector learnt from, better than what else could be read?",
    paper:
      "Later papers propose it; of theirs, figures of noise alone are available (see the experiment on noise), and no comparison with " +
      "other signs.",
    // A world that no published detector and no run has learnt from.
    standard: { seeds: 1, trainFrames: 60, valFrames: 40, world: 7 },
    probes: true,
    arms: () => [],
    findings: unusualFindings,
  },
  {
    name: "unusual-loss",
    title: "Unusual input, with the loss and without",
    question:
      "Does a detector that was trained on the loss tell better that a scan is unlike those that it learnt from, or find more in it?",
    paper: "A comparison of detectors trained with the loss and without is not available.",
    standard: REPLICATION_SCALE,
    arms: detectorPairs,
    needsFolders: true,
    findings: unusualLossFindings,
  },
  {
    name: "readability",
    title: "Whether layers can be read",
    question: "With the loss, are maps sparser and more local, channels less redundant, and seeds more alike?",
    paper: "The title calls the loss an interpretability amplifier; a measurement is not available.",
    standard: REPLICATION_SCALE,
    arms: detectorPairs,
    needsFolders: true,
    findings: readabilityFindings,
  },
  {
    name: "replication",
    title: "The verdict, with power",
    question:
      "With enough pairs of runs on enough frames: does the Entropy Loss change what a detector finds, or how fast it learns?",
    paper:
      "Abstract: up to +4.47 % accuracy on the KITTI test set after 60 epochs. The authors' log of one seed (Car 3D moderate AP R40, a " +
      "split of their own): SECOND 85.30 without, 84.41 with.",
    standard: REPLICATION_SCALE,
    arms: replicationArms,
    findings: replicationFindings,
  },
  {
    name: "precision",
    title: "What bfloat16 does to accuracy",
    question:
      "Does a detector that is trained with products of bfloat16 find as much as one that is trained in float32?",
    paper: "A comparison is not available.",
    standard: { ...REPLICATION_SCALE, seeds: 3 },
    arms: precisionArms,
    needsFolders: true,
    findings: precisionFindings,
  },
  {
    name: "latency",
    title: "What it costs",
    question: "How much time does the Entropy Loss take in training, and measuring entropies at inference?",
    paper:
      "Authors' logs, seconds per training step: PointPillars 0.282 without, 0.461 with the loss; SECOND 0.433 and 0.912, " +
      "with loops over the channels in Python.",
    arms: () => [],
    findings: latencyFindings,
  },
];

/** @throws WrongUse naming the experiments there are */
export function experimentNamed(name: string): Experiment {
  const found = experiments.find((experiment) => experiment.name === name);
  if (found !== undefined) return found;
  throw new WrongUse(`experiment ${name}: expected one of ${experiments.map((each) => each.name).join(", ")}`);
}
