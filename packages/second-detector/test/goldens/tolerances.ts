/** How far a backend may be from the float64 goldens. All are relative; where it says so, to the largest entry or by L2. */
export interface Tolerances {
  /** Of the largest entry of a stage. */
  readonly stage: number;
  /** Running statistics, of the largest entry. */
  readonly statistics: number;
  /** Of each loss term. */
  readonly loss: number;
  /** Of L1, the variance of small differences of entropies. */
  readonly l1: number;
  /** Of the loss by head outputs that are given, by L2 norm: only the loss rounds. */
  readonly headGradient: number;
  /** Of the detection loss by a weight or stage, by L2 norm (a ReLU that flips moves a whole element). */
  readonly gradient: number;
  /** Of L1 by a weight, by L2 norm (a k-th neighbour that changes moves whole elements). */
  readonly entropyGradient: number;
}

/**
 * Any float32 backend. PyTorch's own float32, measured in the worst tensor: stages 3e-6 (eval) and 1e-5 (train),
 * statistics 1e-6, losses 2e-6, L1 7e-5, gradients 7e-4, entropy gradients 2e-3.
 */
export const FLOAT32: Tolerances = {
  stage: 1e-5,
  statistics: 5e-6,
  loss: 1e-5,
  l1: 2e-4,
  headGradient: 1e-5,
  gradient: 2e-3,
  entropyGradient: 6e-3,
};

/**
 * `simd` whose layers round their operands to bfloat16. Both roundings change a product by 2⁻⁸ at most, so some 24 layers, one behind the
 * other, by a tenth of the largest entry at most; measured 0.05 in the worst stage, 6e-5 in statistics, 8e-3 in losses, 3e-3 in L1.
 *
 * Where an activation lies within that of zero its ReLU flips, and a whole element of the gradient comes or goes: a share f of them moves
 * the L2 norm by √f or more. Measured 0.02 to 0.04 in neck and heads, 0.3 behind two layers of the backbone, 0.6 in the worst weight of
 * the encoder. Gradients that have nothing to do with each other differ by √2. `rounding.ts` holds them to
 * what rounding the filters alone does.
 */
export const BFLOAT16: Tolerances = {
  stage: 24 * 2 ** -8,
  statistics: 1e-4,
  loss: 2e-2,
  l1: 1e-2,
  headGradient: 1e-5,
  gradient: 0.7,
  entropyGradient: 0.7,
};
