import * as tf from "@tensorflow/tfjs-core";
import type { AnchorTargets } from "./assign-targets.js";
import type { DetectionLossConfig, DetectorConfig } from "./config/detector-config.js";
import type { HeadOutputs } from "./network/forward-detector.js";

/** The loss terms, weights included. */
export interface DetectionLosses {
  readonly cls: tf.Scalar;
  readonly box: tf.Scalar;
  readonly dir: tf.Scalar;
  /** cls + box + dir */
  readonly det: tf.Scalar;
}

/**
 * The loss of SECOND over a batch of B scans, differentiable in the head's outputs on any backend. N_b = max(1, positive
 * anchors of scan b):
 *
 * - cls = w/B Σ_b 1/N_b Σ over anchors not ignored and classes of α_t (1 − p_t)^γ bce (focal loss, Lin et al. 2017);
 * - box = w/B Σ_b 1/N_b Σ over positives and the seven numbers of s(e), s(e) = e²/(2β) if |e| < β else |e| − β/2;
 *   e = prediction − code, for the yaw e = sin p cos t − cos p sin t;
 * - dir = w/B Σ_b 1/N_b Σ over positives of −ln softmax(bins)[direction].
 *
 * @param head [B, y, x, anchors·classes], [.., anchors·7], [.., anchors·2]
 * @param targets of each scan, from `assignTargets`
 * @throws RangeError if the targets do not fit the head's shape
 */
export function detectionLoss(
  head: HeadOutputs,
  targets: readonly AnchorTargets[],
  { classes, loss }: Pick<DetectorConfig, "classes" | "loss">,
): DetectionLosses {
  checkTargets(head, targets, classes.length);
  return tf.tidy(() => {
    const cls = focalTerm(head.cls, targets, { classCount: classes.length, loss });
    const positives = gatherPositives(targets);
    const box = boxTerm(head.box, positives, loss);
    const dir = directionTerm(head.dir, positives, loss);
    const det = tf.addN<tf.Scalar>([cls, box, dir]);
    return { cls, box, dir, det };
  });
}

/**
 * Σ weight·q^γ·softplus(z) with z = ∓logit and q = σ(z) = 1 − p_t. With the sign in z, target and background classes are one
 * formula; d/dz = weight·q^γ·(γ(1 − q)·softplus(z) + q).
 */
function focalTerm(
  logits: tf.Tensor4D,
  targets: readonly AnchorTargets[],
  { classCount, loss }: { readonly classCount: number; readonly loss: DetectionLossConfig },
): tf.Scalar {
  const { signs, weights } = focalFactors(targets, { classCount, loss });
  const sign = tf.tensor(signs, logits.shape);
  const weight = tf.tensor(weights, logits.shape);
  const focal = tf.customGrad((x, save) => {
    const z = tf.mul(x as tf.Tensor, sign);
    const q = tf.sigmoid(z);
    const softplus = tf.add(tf.relu(z), tf.log1p(tf.exp(tf.neg(tf.abs(z)))));
    const power = tf.mul(weight, loss.focalGamma === 2 ? tf.square(q) : tf.pow(q, loss.focalGamma));
    (save as tf.GradSaveFunc)([q, softplus, power, sign]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [q, softplus, power, sign] = saved;
      const slope = tf.add(tf.mul(tf.mul(tf.sub(1, q), loss.focalGamma), softplus), q);
      return tf.mul(tf.mul(tf.mul(power, slope), sign), dy);
    };
    return { value: tf.sum(tf.mul(power, softplus)), gradFunc };
  });
  return focal(logits) as tf.Scalar;
}

/** Sign and weight of every logit, in the order of the head's channels. */
function focalFactors(
  targets: readonly AnchorTargets[],
  { classCount, loss }: { readonly classCount: number; readonly loss: DetectionLossConfig },
) {
  const anchorCount = targets[0].labels.length;
  const signs = new Float32Array(targets.length * anchorCount * classCount).fill(1);
  const weights = new Float32Array(signs.length);
  targets.forEach(({ labels, positives }, sample) => {
    const scale = loss.classWeight / (targets.length * Math.max(1, positives.length));
    let at = sample * anchorCount * classCount;
    for (let anchor = 0; anchor < anchorCount; anchor++, at += classCount) {
      const label = labels[anchor];
      if (label < 0) continue;
      weights.fill(scale * (1 - loss.focalAlpha), at, at + classCount);
      if (label > 0) {
        signs[at + label - 1] = -1;
        weights[at + label - 1] = scale * loss.focalAlpha;
      }
    }
  });
  return { signs, weights };
}

interface Positives {
  /** Row of each among the anchors of the whole batch. */
  readonly rows: Int32Array;
  /** 1 / (B·N_b) */
  readonly weights: Float32Array;
  readonly codes: Float32Array;
  readonly directions: Int32Array;
}

/** The positives of all scans; where there is none, one of weight 0, so that every head keeps a (zero) gradient. */
function gatherPositives(targets: readonly AnchorTargets[]): Positives {
  const count = targets.reduce((sum, { positives }) => sum + positives.length, 0);
  const size = Math.max(1, count);
  const rows = new Int32Array(size);
  const weights = new Float32Array(size);
  const codes = new Float32Array(size * 7);
  const directions = new Int32Array(size);
  let to = 0;
  targets.forEach((target, sample) => {
    const { positives } = target;
    codes.set(target.codes, to * 7);
    directions.set(target.directions, to);
    weights.fill(1 / (targets.length * Math.max(1, positives.length)), to, to + positives.length);
    for (const anchor of positives) rows[to++] = sample * target.labels.length + anchor;
  });
  return { rows, weights, codes, directions };
}

function boxTerm(box: tf.Tensor4D, { rows, weights, codes }: Positives, loss: DetectionLossConfig): tf.Scalar {
  const predicted = gatherRows(box, rows, 7);
  const target = tf.tensor2d(codes, [rows.length, 7]);
  const plain = tf.sub(tf.slice(predicted, [0, 0], [-1, 6]), tf.slice(target, [0, 0], [-1, 6]));
  const yaw = tf.slice(predicted, [0, 6], [-1, 1]);
  const targetYaw = tf.slice(target, [0, 6], [-1, 1]);
  const turn = tf.sub(tf.mul(tf.sin(yaw), tf.cos(targetYaw)), tf.mul(tf.cos(yaw), tf.sin(targetYaw)));
  const error = tf.concat([plain, turn], 1);
  const weight = tf.tensor2d(weights, [rows.length, 1]);
  return tf.mul(tf.sum(tf.mul(smoothL1(error, loss.smoothL1Beta), weight)), loss.boxWeight);
}

/** s(e) of each element: m(|e| − m/2)/β with m = min(|e|, β); its derivative is e/β cut to −1..1. */
function smoothL1(error: tf.Tensor, beta: number): tf.Tensor {
  const smooth = tf.customGrad((e, save) => {
    const x = e as tf.Tensor;
    (save as tf.GradSaveFunc)([x]);
    const size = tf.abs(x);
    const inner = tf.minimum(size, beta);
    const value = tf.mul(tf.mul(inner, tf.sub(size, tf.mul(inner, 0.5))), 1 / beta);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      tf.mul(dy, tf.clipByValue(tf.mul(saved[0], 1 / beta), -1, 1));
    return { value, gradFunc };
  });
  return smooth(error);
}

function directionTerm(
  dir: tf.Tensor4D,
  { rows, weights, directions }: Positives,
  loss: DetectionLossConfig,
): tf.Scalar {
  const logProbability = tf.logSoftmax(gatherRows(dir, rows, 2));
  const factors = new Float32Array(rows.length * 2);
  directions.forEach((bin, i) => {
    factors[i * 2 + bin] = -weights[i];
  });
  return tf.mul(tf.sum(tf.mul(logProbability, tf.tensor2d(factors, [rows.length, 2]))), loss.directionWeight);
}

/**
 * Rows of [.., a·columns] seen as [n, columns]. Its own gradient, a scatter: that of `tf.gather` goes through
 * `unsortedSegmentSum`, which takes rows × n steps on stock backends.
 */
function gatherRows(x: tf.Tensor4D, rows: Int32Array, columns: number): tf.Tensor2D {
  const count = x.size / columns;
  const gathered = tf.customGrad((input) => ({
    value: tf.gather(tf.reshape(input as tf.Tensor, [count, columns]), tf.tensor1d(rows, "int32")),
    gradFunc: (dy: tf.Tensor) => {
      const indices = tf.tensor2d(rows, [rows.length, 1], "int32");
      return tf.reshape(tf.scatterND(indices, dy, [count, columns]), x.shape);
    },
  }));
  return gathered(x) as tf.Tensor2D;
}

function checkTargets(head: HeadOutputs, targets: readonly AnchorTargets[], classCount: number): void {
  const batch = head.cls.shape[0];
  if (targets.length !== batch || batch === 0) {
    throw new RangeError(`detectionLoss: expected one entry of targets per scan, ${batch}, got ${targets.length}`);
  }
  const columns = { cls: classCount, box: 7, dir: 2 } as const;
  for (const name of ["cls", "box", "dir"] as const) {
    const rows = head[name].size / (batch * columns[name]);
    for (const { labels } of targets) {
      if (labels.length !== rows) {
        throw new RangeError(
          `detectionLoss: expected targets of ${rows} anchors for head.${name} [${head[name].shape}], got ${labels.length}`,
        );
      }
    }
  }
}
