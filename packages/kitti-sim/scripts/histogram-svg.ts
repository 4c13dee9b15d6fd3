import { HISTOGRAMS, type HistogramName } from "./measure-frames.js";

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 46;
const BOTTOM = 34;
const TOP = 24;

/**
 * Two histograms as step lines over one axis, as SVG: real filled grey, simulated a blue line.
 * @param real      mean points a frame in each bin
 * @param simulated the same of simulated frames
 */
export function histogramSvg(name: HistogramName, real: Float64Array, simulated: Float64Array): string {
  const { low, high, step, unit } = HISTOGRAMS[name];
  const top = Math.max(...real, ...simulated) * 1.05;
  const x = (value: number) => LEFT + ((WIDTH - LEFT - 10) * (value - low)) / (high - low);
  const y = (count: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * count) / top;
  const steps = (counts: Float64Array) =>
    [...counts]
      .map((count, i) => `${at(x(low + i * step), y(count))} ${at(x(low + (i + 1) * step), y(count))}`)
      .join(" ");
  const ticks = Array.from({ length: 6 }, (_, i) => low + ((high - low) * i) / 5);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${name}: mean points a frame</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<polygon points="${at(x(low), y(0))} ${steps(real)} ${at(x(high), y(0))}" fill="#c4c4c4"/>`,
    `<polyline points="${steps(simulated)}" fill="none" stroke="#1458c8" stroke-width="1.5"/>`,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - 10}" fill="none" stroke="#333"/>`,
    ...ticks.map(
      (tick) =>
        `<text x="${x(tick)}" y="${HEIGHT - BOTTOM + 15}" text-anchor="middle">${Number(tick.toFixed(2))}</text>`,
    ),
    `<text x="${LEFT - 4}" y="${TOP + 6}" text-anchor="end">${Math.round(top / 1.05)}</text>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">${unit}</text>`,
    `<text x="${LEFT}" y="15">points a frame: <tspan fill="#777">real (filled)</tspan>, <tspan fill="#1458c8">simulated</tspan></text>`,
    "</svg>",
  ].join("\n")}\n`;
}

function at(x: number, y: number): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
