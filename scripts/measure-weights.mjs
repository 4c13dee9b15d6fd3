// `node scripts/measure-weights.mjs NAME|FILE [--data ../shared]`: what a detector of second-weights, or a file of `eloss pretrain`,
// finds in real scans that it was not trained on (after a build). One that looks where a camera does: KITTI's frames under
// DATA/kitti-mini, by the official metrics, as shares of what is possible, with intervals by bootstrap over the frames, and how well all
// labelled cars are placed, whatever a metric asks for. One that
// looks all round: the scans under DATA/lidar-samples, each lifted to where the streets' sensor stands; as their labels are not
// KITTI's, by the metrics for any data.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { metresOf, useBackend } from "../apps/train/dist/step.js";
import {
  evaluateDetections,
  groundOverlap,
  renderTables,
  sharesOfPossible,
  spaceOverlap,
} from "../packages/kitti-eval/dist/index.js";
import { cropToCameraView, objectFromBox, openDataset } from "../packages/kitti-io/dist/index.js";
import { readPointCloud } from "../packages/point-cloud-io/dist/index.js";
import {
  buildAnchors,
  collateFrames,
  decodePredictions,
  InferenceNetwork,
  prepareFrame,
} from "../packages/second-detector/dist/index.js";
import { decodePretrained, pretrainedNames, readPretrained } from "../packages/second-weights/dist/index.js";

const { values, positionals } = parseArgs({
  options: { data: { type: "string", default: "../shared" } },
  allowPositionals: true,
});
const [name = "second-small"] = positionals;
await useBackend("simd");
const { config, weights } = pretrainedNames.includes(name)
  ? readPretrained(name)
  : decodePretrained(readFileSync(name), name);
const network = new InferenceNetwork(weights, config);
const anchors = buildAnchors(config);

/** [n, 4] → boxes, scores, names of classes */
function find(points) {
  const maps = network.run(collateFrames([prepareFrame(points, config)], config));
  const [cls, box, dir] = [maps.cls, maps.box, maps.dir].map((map) => map.dataSync());
  for (const map of [maps.cls, maps.box, maps.dir]) map.dispose();
  const { boxes, scores, labels } = decodePredictions({ cls, box, dir }, anchors, config);
  return [...scores].map((score, i) => ({
    type: config.classes[labels[i]].name,
    box: boxes.slice(7 * i, 7 * i + 7),
    score,
  }));
}

async function measureAhead() {
  const dataset = await openDataset(join(values.data, "kitti-mini"));
  const groundTruth = [];
  const detections = [];
  for await (const { points, calibration, imageSize, objects } of dataset) {
    const seen = find(cropToCameraView(points, calibration, imageSize));
    const results = seen.map(({ box, ...rest }) => objectFromBox(box, calibration, { ...rest, imageSize }));
    groundTruth.push(objects);
    detections.push(results.filter(({ bbox: [left, top, right, bottom] }) => right > left && bottom > top));
  }
  const shares = sharesOfPossible(groundTruth, detections, { rng: seeded(1) });
  const rows = shares.map(({ class: name, overlap, metric, found, possible, share, interval: [low, high], draws }) => {
    const figure = `${name} ${metric} ${overlap}`.padEnd(24);
    const ap = `${found.toFixed(1)} of ${possible.toFixed(1)}`.padStart(14);
    return `${figure}${ap}  ${share.toFixed(0)} % (${low.toFixed(0)} to ${high.toFixed(0)}; ${draws} draws)`;
  });
  return [
    `${groundTruth.length} frames, AP at 40 recalls, moderate`,
    ...rows,
    placedCars(groundTruth, detections),
  ].join("\n");
}

/** Of every labelled car, and the box that shares most space with it: mean overlaps, and the errors of the heights of those that share any. */
function placedCars(groundTruth, detections) {
  const placed = groundTruth.flatMap((objects, frame) => {
    const boxes = detections[frame].filter(({ type }) => type === "Car");
    const overlaps = (car) =>
      boxes.map((box) => ({
        ...{ space: spaceOverlap(box, car), ground: groundOverlap(box, car), off: middle(box) - middle(car) },
      }));
    const nothing = { space: 0, ground: 0 };
    const best = (car) => overlaps(car).reduce((best, one) => (one.space > best.space ? one : best), nothing);
    return objects.filter(({ type }) => type === "Car").map(best);
  });
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [space, ground] = ["space", "ground"].map((key) => mean(placed.map((one) => one[key])).toFixed(2));
  const heights = placed.flatMap(({ off }) => (off === undefined ? [] : [off * off]));
  return (
    `${placed.length} cars: mean overlap with the best box ${space} in space, ${ground} from above; ` +
    `heights of ${heights.length} off by ${Math.sqrt(mean(heights)).toFixed(2)} m (root mean square)`
  );
}

/** Of a label's or box's middle, metres down from the camera. */
function middle({ location: [, bottom], dimensions: [height] }) {
  return bottom - height / 2;
}

/** Sets of scans by their folders: where their files are, how to read them, what their classes are called. */
const SETS = [
  {
    ...{ folder: "sustech", scans: "lidar", labels: "label", names: { Rider: "Cyclist" }, read: {}, brightest: 255 },
    objects: (text) =>
      JSON.parse(text).map(({ obj_type: type, psr: { position: p, scale: s, rotation: r } }) => ({
        ...{ type, box: [p.x, p.y, p.z, s.x, s.y, s.z, r.z] },
      })),
  },
  {
    ...{ folder: "av2-openpcdet", scans: "points", labels: "labels", read: {}, brightest: 1, objects: boxLines },
    names: { REGULAR_VEHICLE: "Car", PEDESTRIAN: "Pedestrian", BICYCLIST: "Cyclist" },
  },
  {
    ...{ folder: "nuscenes", scans: "points", labels: "labels", brightest: 255, objects: boxLines },
    read: { columns: ["x", "y", "z", "intensity", "ring"] },
    names: { car: "Car", pedestrian: "Pedestrian", bicycle: "Cyclist" },
  },
];

function boxLines(text) {
  const lines = text.trim().split("\n");
  return lines.map((line) => line.split(" ")).map((words) => ({ type: words[7], box: words.slice(0, 7).map(Number) }));
}

async function measureAllRound() {
  const tables = [];
  for (const set of SETS) {
    const folder = join(values.data, "lidar-samples", set.folder);
    if (!existsSync(folder)) continue;
    const frames = [];
    for (const file of readdirSync(join(folder, set.scans)).sort()) {
      const id = basename(file, extname(file));
      const label = readdirSync(join(folder, set.labels)).find((each) => each.startsWith(`${id}.`));
      const points = await readScan(join(folder, set.scans, file), set);
      const lift = metresOf("road", points);
      for (let i = 2; i < points.length; i += 4) points[i] += lift;
      const objects = set.objects(readFileSync(join(folder, set.labels, label), "utf8")).map(({ type, box }) => ({
        ...{ type: set.names[type] ?? type, box: box.map((value, k) => (k === 2 ? value + lift : value)) },
      }));
      const near = objects.filter(({ box: [x, y] }) => within([x, y]));
      frames.push({
        id,
        objects: near.map((each) => ({ ...each, points: pointsIn(points, each.box) })),
        detections: find(points),
      });
    }
    const classes = config.classes.map(({ name }) => ({ name, overlap: name === "Car" ? 0.5 : 0.25 }));
    tables.push(`${set.folder}: ${renderTables(evaluateDetections(frames, { classes }))}`);
  }
  return tables.join("\n\n");
}

async function readScan(path, { read, brightest }) {
  const { points, columns } = await readPointCloud(readFileSync(path), { name: path, ...read });
  const intensity = columns.indexOf("intensity");
  const scan = new Float32Array((4 * points.length) / columns.length);
  for (let row = 0; 4 * row < scan.length; row++) {
    for (let c = 0; c < 3; c++) scan[4 * row + c] = points[row * columns.length + c];
    scan[4 * row + 3] = points[row * columns.length + intensity] / brightest;
  }
  return scan;
}

function within([x, y]) {
  const [x0, y0, , x1, y1] = config.pointRange;
  return x >= x0 && x < x1 && y >= y0 && y < y1;
}

function pointsIn(points, [x, y, z, dx, dy, dz, yaw]) {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  let count = 0;
  for (let i = 0; i < points.length; i += 4) {
    const [px, py, pz] = [points[i] - x, points[i + 1] - y, points[i + 2] - z];
    const inside = Math.abs(px * cos + py * sin) <= dx / 2 && Math.abs(py * cos - px * sin) <= dy / 2;
    if (inside && Math.abs(pz) <= dz / 2) count += 1;
  }
  return count;
}

/** Numbers in [0, 1) of Park and Miller's generator. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

const looksAllRound = config.pointRange[0] < 0;
console.log(looksAllRound ? await measureAllRound() : await measureAhead());
