export { MATERIALS, type Material, type MaterialName, materialIndex } from "./materials.js";
export { joinMeshes, type Mesh, type Placement, placeMesh } from "./mesh.js";
export type { ObjectType, Scene, SceneObject } from "./scene.js";
