import { describe, expect, it } from "vitest";
import { experimentHtml, reportHtml, viewerHtml } from "../src/index.js";
import type { PackedImage } from "../src/viewer-frame.js";
import { sampleExperiment, sampleFrame, sampleFrameWithImage, sampleReport } from "./sample-report.js";

/** The JSON that the page's script reads, found as a browser finds it: up to the first end of a script element. */
function dataOf(html: string): unknown {
  return JSON.parse(/<script type="application\/json" id="page-data">(.*?)<\/script/is.exec(html)![1]);
}

describe("reportHtml", () => {
  it("holds its data, whole", () => {
    const report = sampleReport();
    expect(dataOf(reportHtml(report))).toMatchObject({ title: "Sample", runs: report.runs });
  });

  it("carries the licences of the code that others wrote, in one comment", () => {
    const html = reportHtml(sampleReport());
    const comments = html.match(/<!--.*?-->/gs)!;
    expect(comments).toHaveLength(1);
    expect(comments[0]).toMatch(/^three [\d.]+ \(MIT\)$/m);
    expect(comments[0]).toMatch(/Copyright © 2010-\d+ three\.js authors/);
    expect(comments[0]).toMatch(/^@observablehq\/plot [\d.]+ \(ISC\)$/m);
    expect(comments[0]).toMatch(/^d3-scale [\d.]+ \(ISC\)$/m);
    const frame = { ...sampleFrame("000000", 1), detections: [] };
    const viewer = viewerHtml({ title: "", description: "", sources: [], frames: [frame] });
    expect(viewer).toMatch(/^three [\d.]+ \(MIT\)$/m);
    expect(experimentHtml(sampleExperiment())).not.toMatch(/^three [\d.]+/m);
  });

  it("asks for nothing from elsewhere", () => {
    const html = reportHtml(sampleReport());
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<(script|img|link|iframe)[^>]*(src|href)\s*=\s*"?(https?:|\/\/)/i);
  });

  it.each(["</script><script>alert(1)</script>", "<!-- <script>", "]]>", "\u2028 & $& $' `"])(
    "lets no text break out of the data: %j",
    (text) => {
      const sample = sampleReport();
      const [run] = sample.runs;
      const frame = { ...sample.frames[0], truth: [{ type: text, box: [1, 2, 3, 4, 5, 6, 7] }] };
      frame.detections = [[], []];
      const runs = [{ ...run, name: text, config: text, facts: [[text, text] as const] }, sample.runs[1]];
      const html = reportHtml({ ...sample, title: text, runs, frames: [frame] });
      const found = dataOf(html) as ReturnType<typeof sampleReport>;
      expect(found.title).toBe(text);
      expect(found.runs[0]).toMatchObject({ name: text, config: text, facts: [[text, text]] });
      expect(found.frames[0].truth![0].type).toBe(text);
      // One script with data and one with code, whatever is in them; none in the title.
      expect(html.match(/<script/gi)).toHaveLength(reportHtml(sample).match(/<script/gi)!.length);
      expect(html.match(/<\/script/gi)).toHaveLength(2);
    },
  );

  it("refuses sizes that disagree, and names the run", () => {
    const sample = sampleReport();
    const [run, other] = sample.runs;
    const withRun = (change: object) => () => reportHtml({ ...sample, runs: [{ ...run, ...change }, other] });
    expect(() => reportHtml({ ...sample, runs: [] })).toThrow("reportHtml: expected 1 to 6 for runs, got 0");
    expect(withRun({ steps: { ...run.steps, step: [] } })).toThrow(/expected 0 for without: epochs, got 60/);
    expect(withRun({ steps: { ...run.steps, epoch: [1] } })).toThrow(/expected 60 for without: epochs, got 1/);
    expect(withRun({ entropy: { ...run.entropy, values: [[1]] } })).toThrow(
      /expected 8 for without: rows of entropies/,
    );
    const losses = { ...run.steps.losses, box: [1, 2] };
    expect(withRun({ steps: { ...run.steps, losses } })).toThrow(/expected 60 for without: box losses, got 2/);
    const frames = [{ ...sample.frames[0], detections: [[]] }];
    expect(() => reportHtml({ ...sample, frames })).toThrow(/expected 2 lists for detections of frame 000000/);
  });
});

describe("viewerHtml", () => {
  const page = { title: "t", description: "d", sources: ["a", "b"] };

  it("refuses no frames, and boxes that are none", () => {
    expect(() => viewerHtml({ ...page, frames: [] })).toThrow("viewerHtml: expected one frame or more for frames");
    const frame = sampleFrame("000007", 1);
    const withBox = (box: object) => () =>
      viewerHtml({ ...page, frames: [{ ...frame, truth: [{ type: "Car", box: [1], ...box }] }] });
    expect(withBox({})).toThrow(/frame 000007: packFrame: expected 7 finite numbers for box, got \[1\]/);
    expect(withBox({ box: [1, 2, 3, 4, 5, 6, 7], score: 2 })).toThrow(/frame 000007: .* score from 0 to 1, got 2/);
  });

  it("embeds an image as it is, and refuses what is none", () => {
    const frame = sampleFrameWithImage("000007", 1);
    const image = frame.image!;
    const [packed] = (dataOf(viewerHtml({ ...page, frames: [frame] })) as { frames: { image: PackedImage }[] }).frames;
    expect(packed.image).toMatchObject({ width: 600, height: 200, projection: image.projection });
    expect(packed.image.url).toBe(`data:image/png;base64,${Buffer.from(image.file).toString("base64")}`);
    const withImage = (change: object) => () =>
      viewerHtml({ ...page, frames: [{ ...frame, image: { ...image, ...change } }] });
    expect(withImage({ file: Buffer.from("<svg onload=alert(1)>") })).toThrow(
      /frame 000007: packImage: expected a PNG or JPEG image, got a file that begins with 3c 73 76 67/,
    );
    expect(withImage({ width: 0 })).toThrow(/frame 000007: .* positive width and height, got 0 x 200/);
    expect(withImage({ projection: [1] })).toThrow(/frame 000007: .* 12 finite numbers for projection, got \[1\]/);
    expect(withImage({ file: Buffer.from([0xff, 0xd8, 0xff, 0xe0]) })()).toContain("data:image/jpeg;base64,/9j/4A==");
  });

  it("says of an unlabelled frame that it has no labels", () => {
    const { truth, ...frame } = sampleFrame("000000", 1);
    expect(dataOf(viewerHtml({ ...page, frames: [frame] }))).toMatchObject({ frames: [{ truth: null }] });
  });
});

describe("experimentHtml", () => {
  it("holds its data, whole", () => {
    expect(dataOf(experimentHtml(sampleExperiment()))).toEqual(sampleExperiment());
  });

  it("refuses a row that does not fit its table", () => {
    const experiment = sampleExperiment();
    const tables = [{ ...experiment.tables[0], rows: [["with", 1.5]] }];
    expect(() => experimentHtml({ ...experiment, tables })).toThrow(
      'experimentHtml: expected 3 cells in a row of "Numbers", got 2',
    );
  });
});
