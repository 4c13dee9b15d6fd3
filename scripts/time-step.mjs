// `node scripts/time-step.mjs [--backend webgpu] [--config second-kitti] [--voxels 16000] [--steps 5] [--entropy-loss]`:
// times whole training steps of batch 1 on a backend, on random points (after a build). The first step warms up and is
// reported apart. Prints one JSON document.
import { parseArgs } from "node:util";
import { newTrainingState, openRecipe, trainedTaps, trainingStep, useBackend } from "../apps/train/dist/step.js";
import { assignTargets, buildAnchors, collateFrames, prepareFrame } from "../packages/second-detector/dist/index.js";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "webgpu" },
    config: { type: "string", default: "second-kitti" },
    voxels: { type: "string", default: "16000" },
    steps: { type: "string", default: "5" },
    "entropy-loss": { type: "boolean", default: false },
  },
});

const backend = await useBackend(values.backend, { tensorflow: process.env.ELOSS_TENSORFLOW });
const recipe = openRecipe(values.config);
const { detector: config } = recipe;
const frame = prepareFrame(randomPoints(Number(values.voxels), config.pointRange), config);
const car = { boxes: [20, 0, -1, 3.9, 1.6, 1.56, 0], labels: [0] };
const prepared = { batch: collateFrames([frame], config), targets: [assignTargets(car, buildAnchors(config), config)] };
const state = newTrainingState(recipe, 0);
const tapLoss = values["entropy-loss"] ? trainedTaps(recipe.entropyLoss) : undefined;
const settings = { recipe, totalSteps: 1000, tapLoss };

const seconds = [];
for (let step = 0; step <= Number(values.steps); step++) {
  const started = performance.now();
  await trainingStep(state, prepared, settings); // the losses are read, so all of the step has been computed
  seconds.push((performance.now() - started) / 1000);
}
const [first, ...rest] = seconds;
const voxels = prepared.batch.coords.length / 4;
console.log(
  JSON.stringify({ ...backend, config: recipe.name, voxels, first, seconds: rest, least: Math.min(...rest) }),
);

/** Points spread evenly over the range, about one per voxel; the same in every run. */
function randomPoints(count, [x0, y0, z0, x1, y1, z1]) {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const points = new Float32Array(4 * count);
  for (let i = 0; i < points.length; i += 4) {
    points.set([x0 + random() * (x1 - x0), y0 + random() * (y1 - y0), z0 + random() * (z1 - z0), random()], i);
  }
  return points;
}
