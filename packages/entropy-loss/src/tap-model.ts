import type * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import type { Tap, Taps } from "./entropy-loss.js";

/** Options of {@link tapModel}. */
export interface TapModelOptions {
  /** names of the tapped layers, block by block, in the order of the network; one shape per block */
  readonly blocks: readonly (readonly string[])[];
}

/** What a tapped model gives for an input. */
export interface TappedOutputs {
  /** the model's own outputs; most models have one */
  readonly outputs: readonly tf.Tensor[];
  /** outputs of the named layers, for `entropyLoss` */
  readonly taps: Taps;
}

/** Runs a tapped model; `training` switches dropout and batch statistics on, as in `LayersModel.apply`. */
export type TappedModel = (input: tf.Tensor | tf.Tensor[], options?: { readonly training?: boolean }) => TappedOutputs;

/**
 * A `tf.LayersModel` that also returns what its named layers put out, in one forward pass. It shares the model's weights
 * and adds none; gradients flow through outputs and taps. Layers inside a nested model have no name of their own here.
 * The paper taps each layer after its activation: name the activation's layer where it is one by itself.
 * @throws TypeError for no model, RangeError for no block, a block without names, a name that the model lacks, a layer
 *         that is used more than once, or whose output is neither [B,H,W,C] nor [B,F] or of another shape than its block's
 */
export function tapModel(model: layers.LayersModel, { blocks }: TapModelOptions): TappedModel {
  if (typeof model?.getLayer !== "function" || !Array.isArray(model.outputs)) {
    throw new TypeError(`tapModel: expected a LayersModel for model, got ${String(model)}`);
  }
  if (blocks.length === 0 || blocks.some((names) => names.length === 0)) {
    throw new RangeError("tapModel: expected at least one block of at least one layer name for blocks, got none");
  }
  const taps = blocks.map((names) => tappedBlock(model, names));
  // each tensor once, as a tap may be the model's output
  const wanted = [...new Set([...model.outputs, ...taps.flat()])];
  const tapped = layers.model({ inputs: model.inputs, outputs: wanted });
  return (input, { training = false } = {}) => {
    const values = [tapped.apply(input, { training }) as tf.Tensor | tf.Tensor[]].flat();
    const outputFor = (symbol: layers.SymbolicTensor) => values[wanted.indexOf(symbol)];
    return {
      outputs: model.outputs.map(outputFor),
      taps: taps.map((block) => block.map((tap) => outputFor(tap) as Tap)),
    };
  };
}

function tappedBlock(model: layers.LayersModel, names: readonly string[]): layers.SymbolicTensor[] {
  const outputs = names.map((name) => outputOf(model, name));
  outputs.forEach(({ shape }, i) => {
    if (shape.length === outputs[0].shape.length && shape.every((length, axis) => length === outputs[0].shape[axis]))
      return;
    throw new RangeError(
      `tapModel: expected the shape [${shown(outputs[0].shape)}] of its block for layer ${names[i]}, got [${shown(shape)}]`,
    );
  });
  return outputs;
}

function outputOf(model: layers.LayersModel, name: string): layers.SymbolicTensor {
  const layer = model.layers.find((candidate) => candidate.name === name);
  if (layer === undefined) {
    const known = model.layers.map((candidate) => candidate.name).join(", ");
    throw new RangeError(`tapModel: expected names among ${known} for blocks, got ${name}`);
  }
  if (layer.inboundNodes.length !== 1 || Array.isArray(layer.output)) {
    throw new RangeError(`tapModel: expected a layer used once and with one output for ${name}, got another`);
  }
  const { shape } = layer.output;
  if (shape.length === 4 || shape.length === 2) return layer.output;
  throw new RangeError(`tapModel: expected [B,H,W,C] or [B,F] for the output of ${name}, got [${shown(shape)}]`);
}

function shown(shape: readonly (number | null)[]): string {
  return shape.map((length) => length ?? "any").join(",");
}
