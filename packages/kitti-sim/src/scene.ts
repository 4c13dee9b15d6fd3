import type { Mesh } from "./mesh.js";

/** The classes of things that KITTI labels. */
export type ObjectType = "Car" | "Van" | "Truck" | "Pedestrian" | "Person_sitting" | "Cyclist" | "Tram" | "Misc";

/** Something that gets a label. */
export interface SceneObject {
  readonly type: ObjectType;
  /** [7] x, y, z of the centre, dx (along the heading), dy, dz, yaw: LiDAR frame, metres, radians; tight around its mesh, with some air around vehicles */
  readonly box: Float64Array;
}

/** A street around the sensor, which stands at the origin, the road about 1.7 m below. */
export interface Scene {
  readonly mesh: Mesh;
  /** [t] the object of each triangle, an index into the objects; -1 = background */
  readonly objectOf: Int32Array;
  readonly objects: readonly SceneObject[];
}
