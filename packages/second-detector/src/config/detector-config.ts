import type { CameraConfig } from "../camera/camera-config.js";

/**
 * What a detector needs to run and to compute its losses, as checked data. Lengths are metres and angles radians in the
 * LiDAR frame (x forward, y left, z up).
 */
export interface DetectorConfig {
  readonly name: string;
  /** In label order: label index 0 is the first. */
  readonly classes: readonly DetectorClass[];
  /** What the encoder takes of a point; left out: x, y, z and intensity. */
  readonly features?: PointFeatures | undefined;
  /** x, y, z minimum, then maximum. */
  readonly pointRange: readonly [x0: number, y0: number, z0: number, x1: number, y1: number, z1: number];
  /** Along x, y, z. */
  readonly voxelSize: readonly [x: number, y: number, z: number];
  /** Of a voxel, or of a column where the encoder works on points. */
  readonly maxPointsPerVoxel: number;
  /** Voxels of one scan at most, in training and at inference. */
  readonly maxVoxels: { readonly train: number; readonly test: number };
  readonly encoder: EncoderConfig;
  readonly backbone: BackboneConfig;
  readonly neck: NeckConfig;
  /** Images beside the scans, fused with the neck's map; left out: LiDAR alone. */
  readonly camera?: CameraConfig | undefined;
  readonly batchNorm: BatchNormConfig;
  readonly anchors: AnchorConfig;
  readonly loss: DetectionLossConfig;
  readonly predict: PredictConfig;
}

/** Numbers of a point that an encoder takes: its place, with its intensity or without. */
export type PointFeatures = readonly ["x", "y", "z"] | readonly ["x", "y", "z", "intensity"];

/** One class, the size of its anchors and the overlaps that decide what an anchor learns. */
export interface DetectorClass {
  readonly name: string;
  /** dx (length), dy (width), dz (height). */
  readonly anchorSize: readonly [dx: number, dy: number, dz: number];
  /** z of the anchors' lower face. */
  readonly anchorBottom: number;
  /** An anchor of at least this overlap with a box of its class is positive. */
  readonly positiveIou: number;
  /** One below this overlap is background; between the two it is ignored. */
  readonly negativeIou: number;
}

/** How points become a bird's-eye-view map. */
export type EncoderConfig =
  | {
      /** SECOND: voxels and sparse 3D convolutions. */
      readonly kind: "sparse";
      /** Of stages 1 to n (the input layer has those of stage 1), then of the output layer. Stages 2 to n halve the grid. */
      readonly channels: readonly number[];
    }
  | {
      /** PointPillars: one linear layer on points, the maximum of each column. The grid is one cell high. */
      readonly kind: "pillars";
      readonly channels: number;
    }
  | {
      /** A small PointNet in each column, without any 3D convolution. The grid is one cell high. */
      readonly kind: "pointnet";
      /** Of each layer on points. */
      readonly channels: readonly number[];
    };

/** The 2D backbone; one entry per block in each list. */
export interface BackboneConfig {
  /** Convolutions after the first one of a block. */
  readonly layers: readonly number[];
  /** Stride of a block's first convolution. */
  readonly strides: readonly number[];
  readonly channels: readonly number[];
}

/** The neck; one transposed convolution per block of the backbone. */
export interface NeckConfig {
  readonly strides: readonly number[];
  readonly channels: readonly number[];
}

/** Batch norm of every layer but the heads. */
export interface BatchNormConfig {
  readonly epsilon: number;
  /** Share of the new batch in the running statistics. */
  readonly momentum: number;
}

/** How anchors lie on the bird's-eye-view map. */
export interface AnchorConfig {
  /** Yaw of the anchors of each class in each cell. */
  readonly rotations: readonly number[];
  /** `true`: an anchor in the centre of each cell; `false`: the first and last lie on the border of the point range. */
  readonly alignCenter: boolean;
}

/** Focal classification, smooth-L1 box and cross-entropy direction loss. */
export interface DetectionLossConfig {
  /** Weight of the positive class in the focal loss; the negative one has 1 − this. */
  readonly focalAlpha: number;
  readonly focalGamma: number;
  /** Where smooth-L1 turns from square to linear. */
  readonly smoothL1Beta: number;
  readonly classWeight: number;
  readonly boxWeight: number;
  readonly directionWeight: number;
  /** Yaw at which the first direction bin begins. */
  readonly directionOffset: number;
}

/** From head outputs to boxes. */
export interface PredictConfig {
  /** Lowest score of a candidate. */
  readonly scoreThreshold: number;
  /** Candidates at most that enter suppression: the best ones. */
  readonly maxCandidates: number;
  /** A box whose rotated bird's-eye-view overlap with a better one is above this goes. */
  readonly iouThreshold: number;
  /** Boxes at most that stay. */
  readonly maxBoxes: number;
  readonly directionOffset: number;
  readonly directionLimitOffset: number;
}
