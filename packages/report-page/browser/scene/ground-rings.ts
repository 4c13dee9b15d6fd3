import { BufferGeometry, Group, Line, LineBasicMaterial, Vector3 } from "three";

/** Height of the road below the sensor, in metres. */
const ROAD = -1.73;

/** Circles every ten metres around the sensor, on the road, and the direction that it looks in. */
export function groundRings(): Group {
  const group = new Group();
  const material = new LineBasicMaterial({ color: "#2b3543" });
  for (let radius = 10; radius <= 80; radius += 10) {
    const ring = Array.from({ length: 129 }, (_, i) => {
      const angle = (2 * Math.PI * i) / 128;
      return new Vector3(radius * Math.cos(angle), radius * Math.sin(angle), ROAD);
    });
    group.add(new Line(new BufferGeometry().setFromPoints(ring), material));
  }
  const ahead = [new Vector3(0, 0, ROAD), new Vector3(80, 0, ROAD)];
  group.add(new Line(new BufferGeometry().setFromPoints(ahead), material));
  return group;
}
