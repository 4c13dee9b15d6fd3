/** Rows of features, each divided by the reference's deviation after its mean is taken off. */
interface Standardised {
  readonly rows: readonly Float64Array[];
  readonly standardise: (features: readonly number[]) => Float64Array;
}

/**
 * Reference rows and a way to put others on their scale. A feature that never varies in the reference is divided by the mean deviation of
 * the others, so that it counts when it does.
 * @throws RangeError for fewer than two rows or rows of different length
 */
function standardised(reference: readonly (readonly number[])[]): Standardised {
  if (reference.length < 2) {
    throw new RangeError(`standardised: expected two rows or more for reference, got ${reference.length}`);
  }
  const size = reference[0].length;
  const other = reference.find((row) => row.length !== size);
  if (other !== undefined) throw new RangeError(`standardised: expected ${size} features, got ${other.length}`);
  const mean = new Float64Array(size);
  const deviation = new Float64Array(size);
  for (const row of reference)
    row.forEach((value, i) => {
      mean[i] += value / reference.length;
    });
  for (const row of reference)
    row.forEach((value, i) => {
      deviation[i] += (value - mean[i]) ** 2;
    });
  deviation.forEach((sum, i) => {
    deviation[i] = Math.sqrt(sum / (reference.length - 1));
  });
  const usual = deviation.reduce((sum, value) => sum + value, 0) / size || 1;
  const standardise = (features: readonly number[]) => {
    if (features.length !== size)
      throw new RangeError(`standardise: expected ${size} features, got ${features.length}`);
    return Float64Array.from(features, (value, i) => (value - mean[i]) / (deviation[i] || usual));
  };
  return { rows: reference.map(standardise), standardise };
}

/**
 * Distance from the reference by Mahalanobis (Lee and others 2018, with one class), on standardised features. There are more features than
 * rows, so the covariance is shrunk towards the identity as far as Ledoit and Wolf (2004) find best. All of it goes through the [n, n] Gram
 * matrix of the rows.
 * @param reference n rows of features, two or more
 * @returns the distance of any features
 */
export function mahalanobisFrom(reference: readonly (readonly number[])[]): (features: readonly number[]) => number {
  const { rows, standardise } = standardised(reference);
  const n = rows.length;
  const gram = rows.map((a) => Float64Array.from(rows, (b) => dot(a, b))); // G = X Xᵀ
  const { shrinkage, scale } = ledoitWolf(gram, rows[0].length);
  // Σ = a XᵀX + b I, so Σ⁻¹ = (I − a Xᵀ (b I + a G)⁻¹ X) / b
  const a = (1 - shrinkage) / n;
  const b = shrinkage * scale;
  const factor = cholesky(gram.map((row, i) => row.map((value, j) => a * value + (i === j ? b : 0))));
  return (features) => {
    const y = standardise(features);
    const along = Float64Array.from(rows, (row) => dot(row, y));
    const solved = solveLower(factor, along); // |L⁻¹ X y|² = yᵀ Xᵀ (b I + a G)⁻¹ X y
    return Math.sqrt(Math.max(0, dot(y, y) - a * dot(solved, solved)) / b);
  };
}

/** Where nothing asks for shrinkage, as much of it as keeps the covariance regular. */
const LEAST_SHRINKAGE = 1e-6;

/**
 * The shrinkage of Ledoit and Wolf (2004) and the variance to shrink to, of centred rows by their Gram matrix: the squared entries of the
 * covariance sum to |G|²/n², those of the rows' outer products to Σ Gₖₖ².
 */
export function ledoitWolf(gram: readonly Float64Array[], features: number): { shrinkage: number; scale: number } {
  const n = gram.length;
  const trace = gram.reduce((sum, row, i) => sum + row[i], 0) / n;
  const scale = trace / features;
  const squares = gram.reduce((sum, row) => sum + dot(row, row), 0) / n ** 2;
  const outer = gram.reduce((sum, row, i) => sum + row[i] ** 2, 0) / n;
  const spread = (squares - 2 * scale * trace + features * scale ** 2) / features;
  const noise = Math.min((outer - squares) / (features * n), spread);
  const shrinkage = spread > 0 ? noise / spread : 1;
  return { shrinkage: Math.max(LEAST_SHRINKAGE, shrinkage), scale: scale || 1 };
}

/**
 * Euclidean distance to the k-th nearest row of the reference, on standardised features (Sun and others 2022; theirs are of the last layer
 * and of length 1).
 * @param k default 5
 */
export function neighbourDistanceFrom(
  reference: readonly (readonly number[])[],
  k = 5,
): (features: readonly number[]) => number {
  const { rows, standardise } = standardised(reference);
  if (!(Number.isInteger(k) && k >= 1 && k <= rows.length)) {
    throw new RangeError(`neighbourDistanceFrom: expected 1 to ${rows.length} for k, got ${k}`);
  }
  return (features) => {
    const y = standardise(features);
    const squares = Float64Array.from(rows, (row) => row.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0));
    return Math.sqrt(squares.sort()[k - 1]);
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The lower triangle L of a positive definite matrix L Lᵀ. */
function cholesky(matrix: readonly Float64Array[]): readonly Float64Array[] {
  const factor = matrix.map((_, i) => new Float64Array(i + 1));
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i][j];
      for (let k = 0; k < j; k++) rest -= factor[i][k] * factor[j][k];
      factor[i][j] = i === j ? Math.sqrt(rest) : rest / factor[j][j];
    }
  }
  return factor;
}

/** L⁻¹ v. */
function solveLower(factor: readonly Float64Array[], v: Float64Array): Float64Array {
  const solved = new Float64Array(v.length);
  for (let i = 0; i < v.length; i++) {
    let rest = v[i];
    for (let k = 0; k < i; k++) rest -= factor[i][k] * solved[k];
    solved[i] = rest / factor[i][i];
  }
  return solved;
}
