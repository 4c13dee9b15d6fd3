import { BufferGeometry, Group, Line, LineBasicMaterial, Vector3 } from "three";
import type { SceneExtent } from "./scene-extent.js";

/** Metres between the circles, and the largest that is drawn. */
const APART = 10;
const LARGEST = 150;

/** Circles every ten metres around the sensor, on the road, as far as there are points, and the direction of x. */
export function groundRings({ ground, reach }: SceneExtent): Group {
  const group = new Group();
  const material = new LineBasicMaterial({ color: "#2b3543" });
  const last = Math.min(LARGEST, Math.max(3 * APART, APART * Math.ceil(reach / APART)));
  for (let radius = APART; radius <= last; radius += APART) {
    const ring = Array.from({ length: 129 }, (_, i) => {
      const angle = (2 * Math.PI * i) / 128;
      return new Vector3(radius * Math.cos(angle), radius * Math.sin(angle), ground);
    });
    group.add(new Line(new BufferGeometry().setFromPoints(ring), material));
  }
  const ahead = [new Vector3(0, 0, ground), new Vector3(last, 0, ground)];
  group.add(new Line(new BufferGeometry().setFromPoints(ahead), material));
  return group;
}
