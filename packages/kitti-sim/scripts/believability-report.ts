import { HISTOGRAMS, type HistogramName, type Measures, quantiles } from "./measure-frames.js";

const CLASSES = ["Car", "Pedestrian", "Cyclist"] as const;
/** Medians of fewer objects say nothing, and would show single objects of the real frames. */
const FEWEST = 3;
/** Shares of fewer points than that are not counted. */
const FEWEST_POINTS = 5;
/** Shares of a car's height at which bands of it end. */
const BANDS = [0.2, 0.4, 0.6, 0.8] as const;

const DISTANCES = [
  [5, 10],
  [10, 20],
  [20, 30],
  [30, 40],
  [40, 50],
  [50, 75],
] as const;

/** The document's text: tables of both sides, the figures' places, and what is said about them. */
export function believabilityReport(
  { real, simulated, clear }: { real: Measures; simulated: Measures; clear: Measures },
  { seed, pictures, remarks }: { seed: number; pictures: readonly string[]; remarks: string },
): string {
  const row = (name: string, values: (measures: Measures) => string) =>
    `| ${name} | ${values(real)} | ${values(simulated)} |`;
  return `# Simulated frames beside real ones

Written by \`pnpm compare\`, which measures ${simulated.frames} frames of seed ${seed} and ${real.frames} real frames of KITTI's training set
wherever those are at hand. Of the real frames this folder has counts only. The simulated cars and houses have tinted panes, if not said otherwise.

${pictures.map((file) => `![a simulated frame](${file})`).join("\n")}

## Frames

Points in the left colour camera's view; voxels of 0.05 × 0.05 × 0.1 m in x 0 – 70.4, y ±40, z -3 – 1 m; cells of 0.4 m of
the same range from above. Least, median, most.

| | real | simulated |
| --- | --- | --- |
${[
  row("points", ({ points }) => quantiles(points, [0, 0.5, 1]).join(" · ")),
  row("occupied voxels", ({ voxels }) => quantiles(voxels, [0, 0.5, 1]).join(" · ")),
  row("occupied cells", ({ cells }) => quantiles(cells, [0, 0.5, 1]).map(percent).join(" · ")),
  ...CLASSES.map((type) =>
    row(`${type} labels a frame`, ({ objects, frames }) =>
      (objects.filter((one) => one.type === type).length / frames).toFixed(1),
    ),
  ),
].join("\n")}

## Points and readings on objects

Objects that nothing hides and the image holds whole, by distance: how many there are, the median of their points, the
quartiles of their points' readings. Fewer than three real objects are not shown.

| | real: objects, points | readings | simulated: objects, points | readings |
| --- | --- | --- | --- | --- |
${CLASSES.flatMap((type) => DISTANCES.map((span) => objectRow(type, span, { real, simulated }))).join("\n")}

## Where on a car its points are

Cars that nothing hides, by distance: how many, the median of their points, and the mean shares of these in five bands of their height, from the floor to the roof. The
seats behind clear panes send light back from any distance; tinted panes keep it.

| | real | panes clear | panes tinted |
| --- | --- | --- | --- |
${DISTANCES.map((span) => bandsRow(span, [real, clear, simulated])).join("\n")}

## Histograms

${(Object.keys(HISTOGRAMS) as HistogramName[]).map((name) => `![${name}](${name}.svg)\n\nShare of the points that would have to change bins: ${percent(overlapLoss(real, simulated, name))}.`).join("\n\n")}

${remarks}`;
}

function objectRow(
  type: string,
  [from, to]: readonly [number, number],
  { real, simulated }: { real: Measures; simulated: Measures },
): string {
  const cells = [real, simulated].flatMap(({ objects }) => {
    const chosen = objects.filter((one) => one.type === type && one.clear && one.distance >= from && one.distance < to);
    if (chosen.length < FEWEST) return ["–", "–"];
    const [points] = quantiles(
      chosen.map(({ intensities }) => intensities.length),
      [0.5],
    );
    const readings = quantiles(
      chosen.flatMap(({ intensities }) => intensities),
      [0.25, 0.5, 0.75],
    );
    return [`${chosen.length}, ${points}`, readings.map((value) => value.toFixed(2)).join(" ")];
  });
  return `| ${type}, ${from} – ${to} m | ${cells.join(" | ")} |`;
}

function bandsRow([from, to]: readonly [number, number], columns: readonly Measures[]): string {
  const cells = columns.map(({ objects }) => {
    const chosen = objects.filter(
      ({ type, clear, distance, heights }) =>
        type === "Car" && clear && distance >= from && distance < to && heights.length >= FEWEST_POINTS,
    );
    if (chosen.length < FEWEST) return "–";
    const [points] = quantiles(
      chosen.map(({ heights }) => heights.length),
      [0.5],
    );
    const shares = [...BANDS, Number.POSITIVE_INFINITY].map((end, band) => {
      const inside = (height: number) => height < end && (band === 0 || height >= BANDS[band - 1]);
      const sum = chosen.reduce((total, { heights }) => total + heights.filter(inside).length / heights.length, 0);
      return (sum / chosen.length).toFixed(2);
    });
    return `${chosen.length} of ${points}: ${shares.join(" ")}`;
  });
  return `| ${from} – ${to} m | ${cells.join(" | ")} |`;
}

/** Half the sum of the differences of two histograms that are scaled to a sum of 1. */
function overlapLoss(real: Measures, simulated: Measures, name: HistogramName): number {
  const [a, b] = [real.histograms[name], simulated.histograms[name]];
  const [sumA, sumB] = [a, b].map((counts) => counts.reduce((sum, count) => sum + count, 0));
  return a.reduce((sum, count, i) => sum + Math.abs(count / sumA - b[i] / sumB), 0) / 2;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
