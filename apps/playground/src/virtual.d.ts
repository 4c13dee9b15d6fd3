declare module "virtual:example-scan" {
  /** data URL of a scan in KITTI's format */
  const url: string;
  export default url;
}
