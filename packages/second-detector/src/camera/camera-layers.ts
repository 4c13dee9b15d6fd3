import type { DenseLayer } from "../network/layers.js";
import type { CameraConfig } from "./camera-config.js";
import type { EmbeddingLayers } from "./channel-embedding.js";
import { type FpnLayers, fpnLayers } from "./fpn.js";
import { type FusionLayers, fusionLayers } from "./fusion-layers.js";
import { blockUnits, type ResnetLayers, resnetLayers } from "./resnet-layers.js";

/** Every layer of a camera branch. */
export interface CameraLayers {
  readonly resnet: ResnetLayers;
  readonly fpn: FpnLayers;
  readonly fusion: FusionLayers;
}

const COLOURS = 3;

/** @param mapChannels channels of the neck's map, which the fused map has too */
export function cameraLayers({ resnet, fpn, fusion }: CameraConfig, mapChannels: number): CameraLayers {
  const [finer, coarser] = resnet.outputs.map((stage) => resnet.width * 2 ** (stage - 1));
  return {
    resnet: resnetLayers("camera.resnet", COLOURS, resnet.width),
    fpn: fpnLayers("camera.fpn", [finer, coarser], fpn.channels),
    fusion: fusionLayers(fusion, { image: fpn.channels, lidar: mapChannels }),
  };
}

/** A tensor of the camera branch. */
export interface CameraTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: "trainable" | "frozen" | "running";
}

/**
 * Names and shapes of a camera branch's weights, in the order of the data's flow. Of the image's ResNet, norms are frozen,
 * and so are the filters of the stem and of the first `frozenStages` stages if that is one or more.
 */
export function cameraTensors({ resnet, fpn, fusion }: CameraLayers, frozenStages: number): CameraTensor[] {
  const frozenFilters = (stage: number) => frozenStages > 0 && stage <= frozenStages;
  return [
    ...unitTensors(resnet.stem, { norm: "frozen", filter: frozenFilters(0) ? "frozen" : "trainable" }),
    ...resnet.stages.flatMap((blocks, i) => {
      const filter = frozenFilters(i + 1) ? "frozen" : "trainable";
      return blocks.flatMap(blockUnits).flatMap((unit) => unitTensors(unit, { norm: "frozen", filter }));
    }),
    ...[...fpn.lateral, ...fpn.output].flatMap(biasedTensors),
    ...[fusion.reduceImage, fusion.reduceLidar].flatMap((unit) => unitTensors(unit)),
    ...(fusion.mix ? unitTensors(fusion.mix) : []),
    ...(fusion.graph ? embeddingTensors(fusion.graph.embedding) : []),
    ...(fusion.graph?.layers ?? []).flatMap((unit) => unitTensors(unit)),
    ...unitTensors(fusion.join),
  ];
}

function unitTensors(
  { name, kernel, inChannels, outChannels }: DenseLayer,
  roles: { readonly filter: CameraTensor["role"]; readonly norm: CameraTensor["role"] } = {
    filter: "trainable",
    norm: "trainable",
  },
): CameraTensor[] {
  const shape = [outChannels];
  return [
    { name: `${name}.weight`, shape: [kernel, kernel, inChannels, outChannels], role: roles.filter },
    { name: `${name}.bn.gamma`, shape, role: roles.norm },
    { name: `${name}.bn.beta`, shape, role: roles.norm },
    { name: `${name}.bn.mean`, shape, role: "running" },
    { name: `${name}.bn.var`, shape, role: "running" },
  ];
}

function biasedTensors({ name, kernel, inChannels, outChannels }: DenseLayer): CameraTensor[] {
  return [
    { name: `${name}.weight`, shape: [kernel, kernel, inChannels, outChannels], role: "trainable" },
    { name: `${name}.bias`, shape: [outChannels], role: "trainable" },
  ];
}

function embeddingTensors({ resnet, project }: EmbeddingLayers): CameraTensor[] {
  return [
    ...[resnet.stem, ...resnet.stages.flat().flatMap(blockUnits)].flatMap((unit) => unitTensors(unit)),
    { name: `${project.name}.weight`, shape: [project.inChannels, project.outChannels], role: "trainable" },
    { name: `${project.name}.bias`, shape: [project.outChannels], role: "trainable" },
  ];
}
