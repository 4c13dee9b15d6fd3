export { type Bvh, buildBvh, nearestHit, type RayHit } from "./bvh.js";
export { castScan, type Scan } from "./cast-scan.js";
export { MATERIALS, type Material, type MaterialName, materialIndex } from "./materials.js";
export { joinMeshes, type Mesh, type Placement, placeMesh } from "./mesh.js";
export { observeScene, type SimulatedFrame } from "./observe-scene.js";
export type { ObjectType, Scene, SceneObject } from "./scene.js";
export { type Beam, FIRINGS, type Field, firingAzimuths, HDL64E_BEAMS, inField } from "./sensor.js";
export { intensityReading, returnProbability, surfaceStrength } from "./surface-return.js";
