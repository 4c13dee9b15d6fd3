import type { Unit } from "../network/unit.js";
import type { CameraConfig } from "./camera-config.js";
import { type FpnLayers, fpnLayers } from "./fpn.js";
import { type FusionLayers, fusionLayers, fusionUnits } from "./fusion-layers.js";
import { type ResnetLayers, resnetLayers, resnetUnits } from "./resnet.js";

/** Every layer of a camera branch. */
export interface CameraLayers {
  readonly resnet: ResnetLayers;
  readonly fpn: FpnLayers;
  readonly fusion: FusionLayers;
}

const COLOURS = 3;

/**
 * Of the image's ResNet, norms are frozen, and so are the filters of the stem and of the first `frozenStages` stages if that
 * is one or more.
 * @param norm of the fusion's units
 * @param neckChannels of the neck's map, which the fused map has too
 */
export function cameraLayers(
  { resnet, fpn, fusion }: CameraConfig,
  { norm, neckChannels }: { readonly norm: Unit["norm"]; readonly neckChannels: number },
): CameraLayers {
  const { width, frozenStages } = resnet;
  const trainable = (stage: number) => (frozenStages > 0 && stage <= frozenStages ? "nothing" : "filter");
  const [finer, coarser] = resnet.outputs.map((stage) => width * 2 ** (stage - 1));
  return {
    resnet: resnetLayers("camera.resnet", { inChannels: COLOURS, width, trainable }),
    fpn: fpnLayers("camera.fpn", [finer, coarser], fpn.channels),
    fusion: fusionLayers(fusion, { image: fpn.channels, lidar: neckChannels, norm }),
  };
}

/** Every unit of a camera branch, in the order in which data flows. */
export function cameraUnits({ resnet, fpn, fusion }: CameraLayers): Unit[] {
  return [...resnetUnits(resnet), ...fpn.lateral, ...fpn.output, ...fusionUnits(fusion)];
}
