import { encode } from "fast-png";
import { seededRandom } from "test-support";
import type {
  ApResult,
  ClassMeasures,
  ClassResults,
  ClassTables,
  EvaluationResults,
  ExperimentData,
  ReportData,
  ReportRun,
  ResultDifferences,
  ViewerFrame,
} from "../src/index.js";

const LAYERS = [0, 0, 0, 0, 1, 1, 1, 1].map((block, i) => ({ block, tap: i % 4 }));

/** A report of two made-up runs, with every part that a report can have. */
export function sampleReport(): ReportData {
  return {
    title: "Sample",
    data: { name: "Made up", simulated: true, description: "Random numbers." },
    made: "2026-01-02T03:04:05Z",
    runs: [sampleRun("without", 1), sampleRun("with", 2)],
    frames: [sampleFrame("000000", 2), sampleFrame("000001", 3)],
  };
}

/** A scan with `cars` labelled cars; of two sources the first finds all of them, with scores 0.9, 0.8, ..., the second none. */
export function sampleFrame(id: string, cars: number): ViewerFrame {
  const rng = seededRandom(cars);
  const points = Float32Array.from({ length: 8000 }, (_, i) => {
    if (i % 4 === 0) return 40 * rng();
    return i % 4 === 1 ? 40 * rng() - 20 : i % 4 === 2 ? -1.7 + 0.5 * rng() : rng();
  });
  const truth = Array.from({ length: cars }, (_, i) => ({
    type: "Car",
    box: [10 + 8 * i, 2, -1, 4, 1.7, 1.5, 0.3 * i],
  }));
  return { id, points, truth, detections: [truth.map((box, i) => ({ ...box, score: 0.9 - 0.1 * i })), []] };
}

/** A frame whose boxes a camera sees: x forward → depth, focal length 300, a grey image of 600 x 200 pixels. */
export function sampleFrameWithImage(id: string, cars: number): ViewerFrame {
  const [width, height] = [600, 200];
  const data = new Uint8Array(3 * width * height).fill(90);
  const projection = [300, -300, 0, 0, 100, 0, -300, 0, 1, 0, 0, 0];
  return {
    ...sampleFrame(id, cars),
    image: { file: encode({ width, height, data, channels: 3 }), width, height, projection },
  };
}

function sampleRun(name: string, seed: number): ReportRun {
  const rng = seededRandom(seed);
  const step = Array.from({ length: 60 }, (_, i) => i + 1);
  const part = (scale: number) => step.map((at) => scale * (Math.exp(-at / 20) + 0.3 + 0.1 * rng()));
  const rows = LAYERS.map(() => step.map(() => 0.9 + 0.2 * rng()));
  return {
    name,
    entropyLoss: name === "with",
    seed: 0,
    trainingSeconds: 75,
    firstEpochLoss: 2,
    lastEpochLoss: 1,
    steps: {
      step,
      epoch: step.map((at) => Math.ceil(at / 20)),
      losses: { total: part(2), cls: part(1), box: part(0.7), dir: part(0.2), entropy: part(0.1) },
    },
    entropy: { layers: LAYERS, step, values: rows, first: rows.map((row) => row[0]), last: rows.map((row) => row[59]) },
    validations: [1, 2, 3].map((epoch) => ({ epoch, step: 20 * epoch, results: sampleResults(10 * epoch) })),
    evaluation: { split: "val", step: 60, framesTrainedOn: 0, results: sampleResults(42), ceiling: sampleResults(90) },
    facts: [["Backend", "simd: sample"]],
    config: "name: sample\n",
  };
}

function sampleResults(ap: number): EvaluationResults {
  const result = (value: number): ApResult => ({
    r11: value + 1,
    r40: value,
    curve: Array.from({ length: 41 }, (_, i) => Math.max(0, 1 - i / 40)),
  });
  const levels = { easy: result(ap + 5), moderate: result(ap), hard: result(ap - 5) };
  const classes: ClassResults = Object.fromEntries(
    ["car", "pedestrian", "cyclist"].map((name) => [name, { "3d": levels, bev: levels, "2d": levels, aos: null }]),
  );
  return { frames: 2, strict: classes, loose: classes };
}

/** Measures of two classes; of the second there are no objects. */
export function sampleTables(ap: number): ClassTables {
  const group = (objects: number) => ({
    objects,
    ap: objects < 2 ? { bev: null, "3d": null } : { bev: ap + 10, "3d": ap },
    ceiling: objects < 2 ? null : 92.5,
  });
  const measures = (name: string, objects: number): ClassMeasures => ({
    name,
    overlap: 0.5,
    objects,
    all: group(objects),
    byDistance: [
      { from: 0, to: 20, ...group(objects - 1) },
      { from: 20, to: null, ...group(1) },
    ],
    byPoints: [
      { from: 1, to: 11, ...group(objects) },
      { from: 11, to: null, ...group(0) },
    ],
    recall: objects === 0 ? null : 0.6,
    precision: objects === 0 ? null : 0.75,
    falsePositivesPerFrame: 1.25,
    errors:
      objects === 0 ? null : { centre: 0.2, z: 0.1, length: 0.3, width: 0.1, height: 0.05, heading: 4, flipped: 0.1 },
  });
  const confusion = [{ detected: "Tram", object: "Dog", count: 3 }];
  return { frames: 4, match: "overlap", score: 0.3, classes: [measures("Tram", 37), measures("Dog", 0)], confusion };
}

/** An experiment of two arms. */
/** Of three pairs and of one; a name that must not become markup. */
export function sampleDifferences(): ResultDifferences {
  return {
    id: "accuracy",
    title: "What changes",
    note: "By pairs.",
    unit: "AP",
    alike: 2,
    rows: [
      { name: "<b> & a", pairs: [1, 2, -1.5], mean: 0.5, low: -4, high: 5 },
      { name: "one", pairs: [-3], mean: -3, low: null, high: null },
    ],
  };
}

export function sampleExperiment(): ExperimentData {
  return {
    name: "table",
    title: "An experiment",
    question: "Does it draw?",
    paper: "Not available.",
    made: "2026-01-01T00:00:00Z",
    command: "eloss experiment table",
    data: { name: "data", simulated: true, description: "made up." },
    facts: [["Seeds", "0 to 2"]],
    differences: [],
    charts: [
      {
        title: "Accuracy",
        x: "epoch",
        y: "AP",
        series: [
          { name: "with", points: [1, 2, 3].map((x) => ({ x, y: 10 * x, low: 10 * x - 2, high: 10 * x + 2 })) },
          { name: "without", points: [1, 2].map((x) => ({ x, y: 8 * x })) },
        ],
      },
    ],
    tables: [{ title: "Numbers", note: "As they are.", columns: ["arm", "AP", "more"], rows: [["with", 1.5, null]] }],
  };
}
