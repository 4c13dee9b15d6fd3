import type { DetectorConfig } from "./detector-config.js";
import { parseDetectorConfig } from "./parse-detector-config.js";
import pointnetKitti from "./pointnet-kitti.yaml?raw";
import pointnetMini from "./pointnet-mini.yaml?raw";
import pointnetSmall from "./pointnet-small.yaml?raw";
import pointpillarsKitti from "./pointpillars-kitti.yaml?raw";
import pointpillarsMini from "./pointpillars-mini.yaml?raw";
import pointpillarsSmall from "./pointpillars-small.yaml?raw";
import secondKitti from "./second-kitti.yaml?raw";
import secondMini from "./second-mini.yaml?raw";
import secondResnet from "./second-resnet.yaml?raw";
import secondResnetCorrelation from "./second-resnet-correlation.yaml?raw";
import secondResnetCorrelationGnn from "./second-resnet-correlation-gnn.yaml?raw";
import secondResnetCorrelationGnnFpn from "./second-resnet-correlation-gnn-fpn.yaml?raw";
import secondResnetCorrelationGnnFpnSmall from "./second-resnet-correlation-gnn-fpn-small.yaml?raw";
import secondResnetSmall from "./second-resnet-small.yaml?raw";
import secondSmall from "./second-small.yaml?raw";

const TEXTS = {
  "second-mini": secondMini,
  "second-small": secondSmall,
  "second-kitti": secondKitti,
  "second-resnet": secondResnet,
  "second-resnet-correlation": secondResnetCorrelation,
  "second-resnet-correlation-gnn": secondResnetCorrelationGnn,
  "second-resnet-correlation-gnn-fpn": secondResnetCorrelationGnnFpn,
  "second-resnet-small": secondResnetSmall,
  "second-resnet-correlation-gnn-fpn-small": secondResnetCorrelationGnnFpnSmall,
  "pointpillars-mini": pointpillarsMini,
  "pointpillars-small": pointpillarsSmall,
  "pointpillars-kitti": pointpillarsKitti,
  "pointnet-mini": pointnetMini,
  "pointnet-small": pointnetSmall,
  "pointnet-kitti": pointnetKitti,
} as const;

/** A configuration that comes with the package. */
export type BuiltinConfigName = keyof typeof TEXTS;

/** Names of the configurations that come with the package. */
export const builtinConfigNames: readonly BuiltinConfigName[] = Object.freeze(
  Object.keys(TEXTS),
) as readonly BuiltinConfigName[];

/** Whether {@link builtinConfig} knows `name`. */
export function isBuiltinConfigName(name: string): name is BuiltinConfigName {
  return Object.hasOwn(TEXTS, name);
}

/**
 * A configuration that comes with the package.
 *
 * `-kitti`: full size, three classes. `-small`: what the camera sees up to 44.8 m, with networks that two CPU cores train within minutes.
 * `-mini`: 38.4 m × 38.4 m with a network that is narrower still, for tests.
 * - `second-*`: sparse 3D convolutions; `second-kitti` at the numbers of MMDetection3D.
 * - `second-resnet` and `second-resnet-correlation`, `-gnn`, `-fpn`: full size, with a camera; the fusions of the paper. The first and the last
 *   of them are there as `-small`, too.
 * - `pointpillars-*`: columns of points; `pointpillars-kitti` at the numbers of MMDetection3D.
 * - `pointnet-*`: a simple network, a PointNet in each column and the 2D part of SECOND.
 * @throws RangeError if there is none of that name
 */
export function builtinConfig(name: BuiltinConfigName): DetectorConfig {
  return parseDetectorConfig(builtinConfigText(name), `${name}.yaml`);
}

/**
 * The YAML text of {@link builtinConfig}: a start for a configuration of one's own.
 * @throws RangeError if there is none of that name
 */
export function builtinConfigText(name: BuiltinConfigName): string {
  if (!isBuiltinConfigName(name)) {
    throw new RangeError(`builtinConfig: expected one of ${builtinConfigNames.join(", ")} for name, got ${name}`);
  }
  return TEXTS[name];
}
