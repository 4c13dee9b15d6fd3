interface Sample {
  readonly labels: ArrayLike<number>;
  readonly positives: ArrayLike<number>;
  readonly codes: ArrayLike<number>;
  readonly directions: ArrayLike<number>;
}

interface Numbers {
  readonly focalAlpha: number;
  readonly focalGamma: number;
  readonly smoothL1Beta: number;
  readonly classWeight: number;
  readonly boxWeight: number;
  readonly directionWeight: number;
}

/** The three terms in float64, as their formulas stand; head outputs flattened over the batch. */
export function lossOracle(
  head: { readonly cls: ArrayLike<number>; readonly box: ArrayLike<number>; readonly dir: ArrayLike<number> },
  samples: readonly Sample[],
  n: Numbers,
): { cls: number; box: number; dir: number } {
  const anchors = samples[0].labels.length;
  const classes = head.cls.length / (anchors * samples.length);
  let [cls, box, dir] = [0, 0, 0];
  samples.forEach((sample, b) => {
    const count = Math.max(1, sample.positives.length);
    for (let anchor = 0; anchor < anchors; anchor++) {
      if (sample.labels[anchor] === -1) continue;
      for (let c = 1; c <= classes; c++) {
        const x = head.cls[(b * anchors + anchor) * classes + c - 1];
        const t = sample.labels[anchor] === c ? 1 : 0;
        const p = 1 / (1 + Math.exp(-x));
        const pt = t * p + (1 - t) * (1 - p);
        const alpha = t * n.focalAlpha + (1 - t) * (1 - n.focalAlpha);
        const bce = Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
        cls += (alpha * (1 - pt) ** n.focalGamma * bce) / count;
      }
    }
    Array.from(sample.positives).forEach((anchor, i) => {
      for (let k = 0; k < 7; k++) {
        const prediction = head.box[(b * anchors + anchor) * 7 + k];
        const code = sample.codes[i * 7 + k];
        const e =
          k < 6 ? prediction - code : Math.sin(prediction) * Math.cos(code) - Math.cos(prediction) * Math.sin(code);
        const size = Math.abs(e);
        box += (size < n.smoothL1Beta ? (e * e) / (2 * n.smoothL1Beta) : size - n.smoothL1Beta / 2) / count;
      }
      const [first, second] = [0, 1].map((bin) => Math.exp(head.dir[(b * anchors + anchor) * 2 + bin]));
      dir -= Math.log((sample.directions[i] === 0 ? first : second) / (first + second)) / count;
    });
  });
  const share = 1 / samples.length;
  return { cls: n.classWeight * share * cls, box: n.boxWeight * share * box, dir: n.directionWeight * share * dir };
}
