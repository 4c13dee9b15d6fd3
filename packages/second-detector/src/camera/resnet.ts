import * as tf from "@tensorflow/tfjs-core";
import { runUnit } from "../network/run-unit.js";
import type { Unit } from "../network/unit.js";
import { showStage, type UnitContext } from "../network/unit-context.js";
import { type Channels, convolution } from "../network/unit-kinds.js";
import { maxPoolHalf } from "./max-pool.js";

/** Layers of a ResNet-18 without its classifier. */
export interface ResnetLayers {
  readonly stem: Unit;
  /** Stages 1 to 4; stage s is a 2^(s + 1)-th of the input, each side rounded up. */
  readonly stages: readonly (readonly ResidualBlock[])[];
}

/** Two 3×3 convolutions and what passes by them. */
export interface ResidualBlock {
  readonly name: string;
  readonly first: Unit;
  readonly second: Unit;
  /** 1×1; absent where the input passes as it is. */
  readonly skip?: Unit | undefined;
}

/** Options of {@link resnetLayers}. */
export interface ResnetOptions {
  readonly inChannels: number;
  /** Channels of the stem and of stage 1; stage s has width · 2^(s − 1). */
  readonly width: number;
  /** What of the units of a stage is trained; the stem is stage 0. */
  readonly trainable: (stage: number) => Unit["trainable"];
}

const STAGES = 4;
const BLOCKS = 2;
/** As torchvision's batch norm has it. */
const norm = { epsilon: 1e-5 };

/**
 * ResNet-18 (He, Zhang, Ren, Sun 2016) in torchvision's layout: 7×7 stem of stride 2, pooling, four stages of two blocks;
 * stages 2 to 4 open with stride 2, in the block's first convolution and in its skip.
 */
export function resnetLayers(name: string, { inChannels, width, trainable }: ResnetOptions): ResnetLayers {
  const stages = Array.from({ length: STAGES }, (_, s) => {
    const out = width * 2 ** s;
    return Array.from({ length: BLOCKS }, (_, b): ResidualBlock => {
      const opens = s > 0 && b === 0;
      const block = `${name}.stage${s + 1}.${b}`;
      const ends = { norm, trainable: trainable(s + 1) };
      const entry: Channels = [opens ? out / 2 : out, out];
      const stride = opens ? 2 : 1;
      return {
        name: block,
        first: convolution(`${block}.first`, entry, { side: 3, stride, ...ends }),
        second: convolution(`${block}.second`, [out, out], { side: 3, relu: false, ...ends }),
        ...(opens && { skip: convolution(`${block}.skip`, entry, { side: 1, stride, relu: false, ...ends }) }),
      };
    });
  });
  const stem = convolution(`${name}.stem`, [inChannels, width], { side: 7, stride: 2, norm, trainable: trainable(0) });
  return { stem, stages };
}

/** Every unit of a ResNet, in the order of its weights. */
export function resnetUnits({ stem, stages }: ResnetLayers): Unit[] {
  const blocks = stages.flat();
  return [stem, ...blocks.flatMap(({ first, second, skip }) => (skip ? [first, second, skip] : [first, second]))];
}

/**
 * ResNet-18 without its classifier.
 * @param x [b, h, w, c]
 * @returns the outputs of stages 1 to 4, [b, ⌈h/2^(s+1)⌉, ⌈w/2^(s+1)⌉, width·2^(s−1)]
 */
export function runResnet(context: UnitContext, { stem, stages }: ResnetLayers, x: tf.Tensor4D): tf.Tensor4D[] {
  let map = maxPoolHalf(runUnit(context, stem, x));
  return stages.map((blocks) => {
    for (const block of blocks) map = runBlock(context, block, map);
    return map;
  });
}

function runBlock(context: UnitContext, { name, first, second, skip }: ResidualBlock, x: tf.Tensor4D): tf.Tensor4D {
  const residue = runUnit(context, second, runUnit(context, first, x));
  const passed = skip === undefined ? x : runUnit(context, skip, x);
  return showStage(context, name, tf.relu(tf.add(residue, passed)) as tf.Tensor4D);
}
