import {
  BufferAttribute,
  BufferGeometry,
  Color,
  Group,
  type Line,
  type LineBasicMaterial,
  PerspectiveCamera,
  Points,
  PointsMaterial,
  Raycaster,
  Scene,
  SRGBColorSpace,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { LineSegments2 } from "three/addons/lines/LineSegments2.js";
import type { UnpackedPoints } from "../../src/unpack-points.js";
import type { PackedBox } from "../../src/viewer-frame.js";
import { boxLines, type LineStyle } from "./box-lines.js";
import { groundRings } from "./ground-rings.js";
import { type ColourBy, pointColours } from "./point-colours.js";
import type { Ray } from "./ray-hits.js";
import { type SceneExtent, sceneExtent } from "./scene-extent.js";

/** Boxes of one style. */
export interface BoxGroup extends LineStyle {
  readonly boxes: readonly PackedBox[];
}

/** Where the camera stands and what it looks at; LiDAR frame, metres. */
interface Look {
  readonly eye: Vector3;
  readonly target: Vector3;
}

/** Of the camera, up and down, degrees. */
const FIELD = 50;
/** Pixels that a pointer may move between down and up and still point at something. */
const STILL = 5;
/** Farthest that the whole of a scan is looked at from behind, metres. */
const BEHIND = 70;

/**
 * A scan and boxes in WebGL. Draws only when something has changed. Drag turns, right drag or two fingers move, wheel or
 * pinch zooms; with the keyboard: arrows move, with shift they turn, + and − zoom.
 */
export class SceneView {
  readonly canvas: HTMLCanvasElement;
  /** Told where a click or tap points to. */
  onPoint: (ray: Ray) => void = () => {};
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(FIELD, 1, 0.1, 1000);
  private readonly controls: OrbitControls;
  private readonly cloud = new Points(new BufferGeometry(), new PointsMaterial({ size: 2, sizeAttenuation: false }));
  /** points of the cloud that are drawn larger */
  private readonly large = new Points(new BufferGeometry(), new PointsMaterial({ size: 5, sizeAttenuation: false }));
  private readonly boxes = new Group();
  private rings = new Group();
  private points?: UnpackedPoints;
  private extent?: SceneExtent;
  private waiting = false;

  /** @throws Error if the browser has no WebGL */
  constructor() {
    this.renderer = new WebGLRenderer({ antialias: true });
    this.renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.canvas = this.renderer.domElement;
    this.canvas.tabIndex = 0;
    this.scene.background = new Color("#0e131a");
    for (const points of [this.cloud, this.large]) {
      points.material.vertexColors = true;
      points.frustumCulled = false;
    }
    this.scene.add(this.cloud, this.large, this.boxes);
    this.camera.up.set(0, 0, 1); // before the controls, which take it over
    this.controls = new OrbitControls(this.camera, this.canvas);
    this.controls.maxPolarAngle = Math.PI / 2;
    this.controls.maxDistance = 400;
    this.controls.addEventListener("change", () => this.draw());
    this.controls.listenToKeyEvents(this.canvas);
    this.canvas.addEventListener("keydown", (event) => this.zoomByKey(event));
    this.listenForPointing();
  }

  setSize(width: number, height: number): void {
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.renderer.setSize(width, height);
    this.drawNow(); // a canvas of a new size is blank
  }

  /** The camera stays where it is, unless the scan before was of another kind: all round or ahead. */
  setPoints(points: UnpackedPoints, by: ColourBy): void {
    const before = this.extent?.allRound;
    this.points = points;
    this.extent = sceneExtent(points);
    this.cloud.geometry.setAttribute("position", new BufferAttribute(points.positions, 3));
    this.scene.remove(this.rings);
    for (const line of this.rings.children as Line<BufferGeometry, LineBasicMaterial>[]) {
      line.geometry.dispose();
      line.material.dispose();
    }
    this.rings = groundRings(this.extent);
    this.scene.add(this.rings);
    this.colourBy(by);
    if (before !== this.extent.allRound) this.reset();
  }

  colourBy(by: ColourBy): void {
    if (this.points === undefined || this.extent === undefined) return;
    this.paint(pointColours(this.points, by, this.extent));
  }

  /**
   * Colours of the points, each its own.
   * @param colours [n, 3] sRGB 0..255
   * @param large   places of points to draw larger
   */
  paint(colours: Uint8Array, large: readonly number[] = []): void {
    const linear = new Float32Array(colours.length);
    const colour = new Color();
    for (let i = 0; i < colours.length; i += 3) {
      colour.setRGB(colours[i] / 255, colours[i + 1] / 255, colours[i + 2] / 255, SRGBColorSpace).toArray(linear, i);
    }
    this.cloud.geometry.setAttribute("color", new BufferAttribute(linear, 3));
    const { positions } = this.points!;
    for (const [name, all] of Object.entries({ position: positions, color: linear })) {
      const taken = Float32Array.from(large.flatMap((i) => [...all.subarray(3 * i, 3 * i + 3)]));
      this.large.geometry.setAttribute(name, new BufferAttribute(taken, 3));
    }
    this.draw();
  }

  setBoxes(groups: readonly BoxGroup[]): void {
    for (const lines of this.boxes.children as LineSegments2[]) {
      lines.geometry.dispose();
      lines.material.dispose();
    }
    this.boxes.clear();
    for (const { boxes, ...style } of groups) {
      if (boxes.length > 0) this.boxes.add(boxLines(boxes, style));
    }
    this.draw();
  }

  reset(): void {
    if (this.extent === undefined) return;
    const { ground, reach, allRound } = this.extent;
    const far = Math.min(BEHIND, Math.max(20, reach));
    this.look(
      allRound
        ? { eye: new Vector3(-0.75 * far, 0, ground + 0.6 * far), target: new Vector3(0.05 * far, 0, ground) }
        : { eye: new Vector3(-9, 0, ground + 9.7), target: new Vector3(15, 0, ground - 0.3) },
    );
  }

  /** All of the scan. */
  lookFromAbove(): void {
    if (this.extent === undefined) return;
    const { ground, x, y } = this.extent;
    const [ahead, across] = [x[1] - x[0], y[1] - y[0]];
    const half = Math.max(5, ahead / 2, across / 2 / this.camera.aspect);
    const [middle, side] = [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
    const height = (1.05 * half) / Math.tan(((FIELD / 2) * Math.PI) / 180);
    // A hair behind what it looks at, so that forward is up on the screen.
    this.look({ eye: new Vector3(middle - 0.01, side, ground + height), target: new Vector3(middle, side, ground) });
  }

  /** Comes near to a place without turning. */
  lookAt([x, y, z]: readonly number[]): void {
    const target = new Vector3(x, y, z);
    const back = this.camera.position.clone().sub(this.controls.target).setLength(18);
    this.look({ eye: target.clone().add(back), target });
  }

  private look({ eye, target }: Look): void {
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

  /** A pointer that goes down and up in one place, the only one, points; one that moves turns the view. */
  private listenForPointing(): void {
    let down: { readonly id: number; readonly x: number; readonly y: number } | undefined;
    this.canvas.addEventListener("pointerdown", ({ pointerId, clientX, clientY, isPrimary, button }) => {
      down = isPrimary && button === 0 ? { id: pointerId, x: clientX, y: clientY } : undefined;
    });
    this.canvas.addEventListener("pointerup", ({ pointerId, clientX, clientY }) => {
      if (down?.id !== pointerId || Math.hypot(clientX - down.x, clientY - down.y) > STILL) return;
      const { left, top, width, height } = this.canvas.getBoundingClientRect();
      const place = new Vector2((2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height);
      const caster = new Raycaster();
      caster.setFromCamera(place, this.camera);
      this.onPoint({ origin: caster.ray.origin.toArray(), direction: caster.ray.direction.toArray() });
    });
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
