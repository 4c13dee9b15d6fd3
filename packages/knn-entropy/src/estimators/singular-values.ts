/** Singular values and right singular vectors of a matrix A = Σ_l s_l u_l v_lᵀ. */
export interface RightSingular {
  /** [columns] s_l, largest first */
  readonly values: Float64Array;
  /** [columns, columns] v_l in row l */
  readonly vectors: Float64Array;
  /** [columns, rows] s_l u_l = A v_l in row l */
  readonly images: Float64Array;
}

/** Sweeps over all pairs of columns; some six are enough for any matrix met. */
const MOST_SWEEPS = 60;

/** Cosine of the angle below which two columns count as orthogonal. */
const ORTHOGONAL = 1e-16;

/**
 * Singular values of a small matrix by one-sided Jacobi rotations (Hestenes 1958): columns are turned in pairs until all
 * are orthogonal. Small singular values are as accurate, relatively, as large ones, which those of AᵀA are not.
 * @param columns [columns, rows] the matrix, column after column, rows ≥ columns; not changed
 */
export function rightSingular(columns: Float64Array, count: number, rows: number): RightSingular {
  const images = columns.slice();
  const vectors = new Float64Array(count * count);
  for (let l = 0; l < count; l++) vectors[l * count + l] = 1;
  for (let sweep = 0, turned = true; turned && sweep < MOST_SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < count; p++) {
      for (let q = p + 1; q < count; q++) {
        const pp = product(images, p, p, rows);
        const qq = product(images, q, q, rows);
        const pq = product(images, p, q, rows);
        if (!(Math.abs(pq) > ORTHOGONAL * Math.sqrt(pp) * Math.sqrt(qq))) continue;
        turned = true;
        const zeta = (qq - pp) / (2 * pq);
        const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const cosine = 1 / Math.hypot(1, tangent);
        rotate(images, p, q, rows, cosine, cosine * tangent);
        rotate(vectors, p, q, count, cosine, cosine * tangent);
      }
    }
  }
  const lengths = Float64Array.from({ length: count }, (_, l) => Math.sqrt(product(images, l, l, rows)));
  const order = [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a]);
  const sorted = (from: Float64Array, length: number) => {
    const out = new Float64Array(count * length);
    order.forEach((l, to) => {
      out.set(from.subarray(l * length, (l + 1) * length), to * length);
    });
    return out;
  };
  return { values: sorted(lengths, 1), vectors: sorted(vectors, count), images: sorted(images, rows) };
}

function product(a: Float64Array, p: number, q: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[p * length + i] * a[q * length + i];
  return sum;
}

/** Turns the pair of columns p and q in their plane. */
function rotate(a: Float64Array, p: number, q: number, length: number, cosine: number, sine: number): void {
  for (let i = 0; i < length; i++) {
    const [left, right] = [a[p * length + i], a[q * length + i]];
    a[p * length + i] = cosine * left - sine * right;
    a[q * length + i] = sine * left + cosine * right;
  }
}
