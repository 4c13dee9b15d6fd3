import type { Evaluation } from "./evaluate-kitti.js";

/**
 * JSON text of an evaluation: `{ frames, strict: { car: { "2d": { easy: { r11, r40, curve } } } }, loose }`.
 *
 * Numbers keep all their digits; NaN, which JSON lacks, becomes the string `"NaN"`; `null` means not evaluated.
 * Anything with evaluations inside may be passed, such as `{ ...result, ceiling }`.
 */
export function encodeEvaluation(result: Partial<Evaluation> & object): string {
  return JSON.stringify(result, (_, value) => (Number.isNaN(value) ? "NaN" : value), 1);
}
