import { describe, expect, it } from "vitest";
import { CLASS_COLOURS, classColours } from "../browser/class-colours.js";
import { contrast, difference, EYE_NAMES } from "./oracle/colour-vision.js";

/** Okabe and Ito's palette for all eyes has two colours only 0.076 apart by the same measure. */
const APART = 0.09;
/** Of the ground of the views. */
const GROUND = "#0e131a";

describe("the colours of classes", () => {
  it.each(EYE_NAMES)("differ from each other for eyes with %s vision", (eye) => {
    CLASS_COLOURS.forEach((one, i) => {
      for (const other of CLASS_COLOURS.slice(0, i)) {
        expect(difference(one, other, eye), `${one} and ${other}`).toBeGreaterThan(APART);
      }
    });
  });

  it("stand out from the ground as text must", () => {
    for (const colour of CLASS_COLOURS) expect(contrast(colour, GROUND), colour).toBeGreaterThan(4.5);
  });
});

describe("classColours", () => {
  it("gives the usual three kinds their colours, whatever they are called", () => {
    for (const names of [
      ["Car", "Pedestrian", "Cyclist"],
      ["REGULAR_VEHICLE", "PEDESTRIAN", "BICYCLE"],
      ["car", "person", "Rider"],
      ["vehicle.car", "human.pedestrian.adult", "vehicle.bicycle"],
    ]) {
      const colours = classColours(names);
      expect(names.map((name) => colours.get(name))).toEqual(CLASS_COLOURS.slice(0, 3));
    }
    expect(classColours(["LARGE_VEHICLE"]).get("LARGE_VEHICLE")).not.toBe(CLASS_COLOURS[0]);
  });

  it("gives each class one of its own, and the same whatever is beside it and in any order", () => {
    const names = ["Bus", "Car", "Cyclist", "Motor", "Pedestrian", "Rider", "Truck", "barrier", "traffic_cone", "Van"];
    const all = classColours(names);
    expect(new Set(all.values()).size).toBe(10);
    expect(classColours([...names].reverse())).toEqual(all);
    expect(classColours(["Truck"]).get("Truck")).toBe(classColours(["Truck", "Car", "Pedestrian"]).get("Truck"));
  });

  it("has colours for twenty classes, and repeats them beyond", () => {
    const names = Array.from({ length: 24 }, (_, i) => `class ${i}`);
    const colours = [...classColours(names.slice(0, 17)).values()];
    expect(new Set(colours).size).toBe(17); // 7 of its own names' places and 10 paler ones
    for (const colour of classColours(names).values()) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
    expect(classColours([]).size).toBe(0);
  });
});
