import { describe, expect, it } from "vitest";
import { differencesSvg } from "../src/index.js";
import { sampleDifferences } from "./sample-report.js";

/** Values of an attribute of all elements of a class, in their order. */
function attribute(svg: string, className: string, name: string): number[] {
  const elements = [...svg.matchAll(/<\w+ class="([a-z ]+)"([^>]*)>/g)].filter(([, found]) => found === className);
  return elements.map(([, , rest]) => Number(new RegExp(` ${name}="([^"]*)"`).exec(rest)?.[1]));
}

describe("differencesSvg", () => {
  const svg = differencesSvg(sampleDifferences(), 632);

  it("by hand: zero in the middle, 300 px to either side are 5.25 AP", () => {
    // the largest value is 5, with 5 % to spare
    const at = (value: number) => 316 + (300 * value) / 5.25;
    expect(attribute(svg, "zero", "x1")).toEqual([316]);
    const close = (found: readonly number[], values: readonly number[]) => {
      expect(found).toHaveLength(values.length);
      found.forEach((x, i) => {
        expect(Math.abs(x - at(values[i]))).toBeLessThanOrEqual(0.051); // a tenth of a pixel is kept
      });
    };
    close(attribute(svg, "pair", "cx"), [1, 2, -1.5, -3]);
    close(attribute(svg, "mean", "cx"), [0.5, -3]);
    close(attribute(svg, "interval", "x1"), [-4]);
    close(attribute(svg, "interval", "x2"), [5]);
    close(attribute(svg, "alike", "x"), [-2]);
    close(attribute(svg, "tick", "x1"), [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]);
  });

  it("says each row in words, and takes no name for markup", () => {
    const words = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    expect(words).toEqual(expect.arrayContaining(["&lt;b&gt; &amp; a", "+0.50 (−4.00 to +5.00), 3 pairs"]));
    expect(words).toEqual(expect.arrayContaining(["−3.00, 1 pair", "−5", "0", "+5", "AP"]));
  });

  it.each([1e-3, 0.04, 0.7, 1, 3, 12, 400])("has three to seven ticks on each side for differences of %f", (size) => {
    const rows = [{ name: "a", pairs: [size], mean: size, low: null, high: null }];
    const drawn = differencesSvg({ id: "t", title: "t", note: "", unit: "AP", rows });
    const ticks = attribute(drawn, "tick", "x1").length / 2;
    expect(ticks).toBeGreaterThanOrEqual(3);
    expect(ticks).toBeLessThanOrEqual(7);
    const labels = [...drawn.matchAll(/middle">([−+0-9.]+)</g)].map(([, label]) => label);
    expect(new Set(labels).size).toBe(2 * ticks + 1);
  });

  it("names that are long stand above their numbers, in lines that fit", () => {
    const [long, short] = ["second-resnet-correlation-gnn-fpn-small-l1", "second-resnet-correlation-gnn-fpn-small"];
    const row = { name: `${long} − ${short}`, pairs: [1, 2], mean: 1.5, low: -4.85, high: 7.85 };
    const of = (width: number) => {
      const drawn = differencesSvg({ id: "t", title: "t", note: "", unit: "AP", rows: [row] }, width);
      const texts = [...drawn.matchAll(/<text[^>]* x="16" y="(\d+)"[^>]*>([^<]*)</g)].map(([, y, text]) => [
        Number(y),
        text,
      ]);
      return { texts, marks: attribute(drawn, "mean", "cy") };
    };
    const numbers = "+1.50 (−4.85 to +7.85), 2 pairs";
    expect(of(720).texts).toEqual([
      [23, row.name],
      [41, numbers],
    ]);
    expect(of(360).texts).toEqual([
      [23, `${long} −`],
      [43, short],
      [61, numbers],
    ]);
    expect(of(360).marks[0] - of(720).marks[0]).toBe(20);
  });

  it("without any value is a drawing all the same", () => {
    expect(differencesSvg({ id: "t", title: "t", note: "", unit: "AP", rows: [] })).not.toMatch(/NaN|Infinity/);
  });
});
