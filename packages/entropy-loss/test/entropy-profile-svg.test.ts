import { describe, expect, it } from "vitest";
import { entropyProfileSvg } from "../src/index.js";

// two blocks, of three layers and of two
const falling = { block: 0, entropies: [3, 2, 1.5], differences: [-1, -0.5], l1: 0.0625, l2: 0, r2: 27 / 28 };
const steady = { block: 1, entropies: [1, 1], differences: [0], l1: 0, l2: 0, r2: undefined };
const profile = { blocks: [falling, steady], l1: 0.0625, l2: 0, loss: 0.0625, share: undefined };

describe("entropyProfileSvg", () => {
  it("has a point per layer, a bar per change, and a text for those who cannot see it", () => {
    const svg = entropyProfileSvg(profile, { title: "Mine", width: 500 });
    expect(svg.match(/<circle/g)).toHaveLength(5);
    expect(svg.match(/<rect/g)).toHaveLength(3);
    expect(svg).toContain("<title>Mine</title>");
    expect(svg).toContain("H of 3 + 2 layers");
    expect(svg).toContain("block 0: L1 6.25e-2, R² 0.964, largest |ΔH| 1.00");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("says that nothing changes where nothing does, in a block of one layer too", () => {
    const single = { ...steady, entropies: [1], differences: [] };
    for (const block of [steady, single]) {
      expect(entropyProfileSvg({ ...profile, blocks: [block] })).toContain("block 1: L1 0.00e+0, largest |ΔH| 0.00<");
    }
  });

  it("says in two lines what does not fit into one of a narrow picture", () => {
    const svg = entropyProfileSvg(profile, { width: 340 });
    expect(svg).toContain('<text x="56" y="18">block 0: L1 6.25e-2, R² 0.964</text>');
    expect(svg).toContain('<text x="56" y="33">largest |ΔH| 1.00</text>');
  });

  it("places by hand: the highest entropy on top left, the lowest at the bottom right", () => {
    const block = { block: 0, entropies: [3, 2, 1], differences: [-1, -1], l1: 0, l2: 0, r2: 1 };
    const svg = entropyProfileSvg({ ...profile, blocks: [block] }, { width: 272 }); // 200 pixels between the margins
    expect(svg).toContain('<polyline class="h" points="56,40 156,95 256,150"/>');
    expect(svg).toContain('<rect class="d" x="93.5" y="95" width="25" height="55"/>'); // down from the zero line
  });

  it("the same profile gives the same text; a title cannot become markup", () => {
    expect(entropyProfileSvg(profile)).toBe(entropyProfileSvg(profile));
    expect(entropyProfileSvg(profile, { title: '</title><script a="&">' })).toContain(
      "<title>&lt;/title&gt;&lt;script a=&quot;&amp;&quot;&gt;</title>",
    );
  });

  it("refuses what it cannot draw", () => {
    expect(() => entropyProfileSvg({ ...profile, blocks: [] })).toThrow("expected one block or more, got none");
    expect(() => entropyProfileSvg(profile, { width: 10 })).toThrow("expected at least 200 for width, got 10");
  });
});
