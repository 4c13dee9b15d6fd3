declare module "virtual:example-scan" {
  /** data URL of a scan in KITTI's format */
  export const scan: string;
  /** data URL of the image of its camera, PNG */
  export const image: string;
  export const imageSize: { readonly width: number; readonly height: number };
  /** text of its calibration in KITTI's format */
  export const calibration: string;
}
