import type { DenseLayer } from "../network/layers.js";

/** Two 3×3 convolutions and what passes by them. */
export interface ResidualBlock {
  readonly name: string;
  readonly first: DenseLayer;
  readonly second: DenseLayer;
  /** 1×1; absent where the input passes as it is. */
  readonly skip?: DenseLayer | undefined;
}

/** Layers of a ResNet-18 without its classifier. */
export interface ResnetLayers {
  readonly stem: DenseLayer;
  /** Stages 1 to 4; stage s is a 2^(s + 1)-th of the input, each side rounded up. */
  readonly stages: readonly (readonly ResidualBlock[])[];
}

const STAGES = 4;
const BLOCKS = 2;

/**
 * ResNet-18 (He, Zhang, Ren, Sun 2016) in torchvision's layout: 7×7 stem of stride 2, pooling, four stages of two blocks;
 * stages 2 to 4 open with stride 2, in the block's first convolution and in its skip.
 * @param width channels of the stem and of stage 1; stage s has width · 2^(s − 1)
 */
export function resnetLayers(name: string, inChannels: number, width: number): ResnetLayers {
  const stages = Array.from({ length: STAGES }, (_, s) => {
    const channels = width * 2 ** s;
    return Array.from({ length: BLOCKS }, (_, b) => {
      const opens = s > 0 && b === 0;
      return residualBlock(`${name}.stage${s + 1}.${b}`, opens ? channels / 2 : channels, {
        outChannels: channels,
        stride: opens ? 2 : 1,
      });
    });
  });
  return { stem: { name: `${name}.stem`, kernel: 7, stride: 2, inChannels, outChannels: width }, stages };
}

function residualBlock(
  name: string,
  inChannels: number,
  { outChannels, stride }: { readonly outChannels: number; readonly stride: number },
): ResidualBlock {
  return {
    name,
    first: { name: `${name}.first`, kernel: 3, stride, inChannels, outChannels },
    second: { name: `${name}.second`, kernel: 3, stride: 1, inChannels: outChannels, outChannels },
    ...(stride > 1 && { skip: { name: `${name}.skip`, kernel: 1, stride, inChannels, outChannels } }),
  };
}

/** Every convolution of a residual block, each followed by a norm. */
export function blockUnits({ first, second, skip }: ResidualBlock): DenseLayer[] {
  return skip === undefined ? [first, second] : [first, second, skip];
}
