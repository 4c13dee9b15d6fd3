import {
  BufferAttribute,
  BufferGeometry,
  Color,
  Group,
  PerspectiveCamera,
  Points,
  PointsMaterial,
  Scene,
  SRGBColorSpace,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { LineSegments2 } from "three/addons/lines/LineSegments2.js";
import type { UnpackedPoints } from "../../src/unpack-points.js";
import type { PackedBox } from "../../src/viewer-frame.js";
import { boxLines } from "./box-lines.js";
import { groundRings } from "./ground-rings.js";
import { type ColourBy, pointColours } from "./point-colours.js";

/** Boxes of one kind. */
export interface BoxGroup {
  readonly boxes: readonly PackedBox[];
  readonly colour: string;
}

/** Where the camera stands and what it looks at; LiDAR frame, metres. */
const USUAL = { eye: new Vector3(-9, 0, 8), target: new Vector3(15, 0, -2) };
/** A hair behind what it looks at, so that forward is up on the screen. */
const ABOVE = { eye: new Vector3(21.99, 0, 52), target: new Vector3(22, 0, -1.7) };

/**
 * A scan and boxes in WebGL. Draws only when something has changed. Drag turns, right drag or two fingers move, wheel or
 * pinch zooms; with the keyboard: arrows move, with shift they turn, + and − zoom.
 */
export class SceneView {
  readonly canvas: HTMLCanvasElement;
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(50, 1, 0.1, 1000);
  private readonly controls: OrbitControls;
  private readonly cloud = new Points(new BufferGeometry(), new PointsMaterial({ size: 2, sizeAttenuation: false }));
  private readonly boxes = new Group();
  private points?: UnpackedPoints;
  private waiting = false;

  /** @throws Error if the browser has no WebGL */
  constructor() {
    this.renderer = new WebGLRenderer({ antialias: true });
    this.renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.canvas = this.renderer.domElement;
    this.canvas.tabIndex = 0;
    this.scene.background = new Color("#0e131a");
    this.cloud.material.vertexColors = true;
    this.cloud.frustumCulled = false;
    this.scene.add(groundRings(), this.cloud, this.boxes);
    this.camera.up.set(0, 0, 1); // before the controls, which take it over
    this.controls = new OrbitControls(this.camera, this.canvas);
    this.controls.maxPolarAngle = Math.PI / 2;
    this.controls.maxDistance = 300;
    this.controls.addEventListener("change", () => this.draw());
    this.controls.listenToKeyEvents(this.canvas);
    this.canvas.addEventListener("keydown", (event) => this.zoomByKey(event));
    this.reset();
  }

  setSize(width: number, height: number): void {
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.renderer.setSize(width, height);
    this.drawNow(); // a canvas of a new size is blank
  }

  setPoints(points: UnpackedPoints, by: ColourBy): void {
    this.points = points;
    this.cloud.geometry.setAttribute("position", new BufferAttribute(points.positions, 3));
    this.colourBy(by);
  }

  colourBy(by: ColourBy): void {
    if (this.points === undefined) return;
    const colours = pointColours(this.points, by);
    const linear = new Float32Array(colours.length);
    const colour = new Color();
    for (let i = 0; i < colours.length; i += 3) {
      colour.setRGB(colours[i] / 255, colours[i + 1] / 255, colours[i + 2] / 255, SRGBColorSpace).toArray(linear, i);
    }
    this.cloud.geometry.setAttribute("color", new BufferAttribute(linear, 3));
    this.draw();
  }

  /** Later groups are drawn over earlier ones. */
  setBoxes(groups: readonly BoxGroup[]): void {
    for (const lines of this.boxes.children as LineSegments2[]) {
      lines.geometry.dispose();
      lines.material.dispose();
    }
    this.boxes.clear();
    groups.forEach(({ boxes, colour }, order) => {
      if (boxes.length > 0) this.boxes.add(boxLines(boxes, { colour, order }));
    });
    this.draw();
  }

  reset(): void {
    this.look(USUAL);
  }

  lookFromAbove(): void {
    this.look(ABOVE);
  }

  private look({ eye, target }: typeof USUAL): void {
    this.camera.position.copy(eye);
    this.controls.target.copy(target);
    this.controls.update();
    this.draw();
  }

  private zoomByKey(event: KeyboardEvent): void {
    const factor = { "+": 0.85, "=": 0.85, "-": 1 / 0.85 }[event.key];
    if (factor === undefined) return;
    event.preventDefault();
    this.camera.position.sub(this.controls.target).multiplyScalar(factor).add(this.controls.target);
    this.controls.update();
  }

  /** Before the screen is next painted; many calls cost one drawing. */
  private draw(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.drawNow());
  }

  private drawNow(): void {
    this.waiting = false;
    this.renderer.render(this.scene, this.camera);
  }
}
