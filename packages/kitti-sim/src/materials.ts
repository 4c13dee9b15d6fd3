/** What a surface does with light. */
export interface Material {
  readonly name: string;
  /** Share of the LiDAR's light (905 nm) that a surface hit head-on scatters back diffusely, 0..1. */
  readonly reflectance: number;
  /**
   * How fast that share falls as the surface turns away: as the cosine of the angle to this power. 0 is rough ground,
   * which sends much of the light back even where it is grazed; paint and panes have much more.
   */
  readonly gloss: number;
  /** Light sent straight back where it came from, whatever the angle, on the same scale; road signs, plates, lamps. */
  readonly retroreflection: number;
  /** Share of the rays that pass through, 0..1: glass. */
  readonly transmission: number;
  /** Share of their light that those rays lose on the way in, and again on the way back, 0..1: panes of cars keep heat out. */
  readonly tint: number;
  /** Deviation of the true surface from the mesh's flat one, metres: grass is no plane, and a ray that grazes it ends early or late. */
  readonly roughness: number;
  /** Red, green, blue of the lit surface, 0..255. */
  readonly colour: readonly [number, number, number];
}

const TABLE = [
  material("asphalt", 0.3, [92, 92, 96], { roughness: 0.008 }),
  material("kerb", 0.4, [158, 156, 150]),
  material("pavement", 0.36, [138, 134, 128], { roughness: 0.01 }),
  material("grass", 0.4, [86, 118, 54], { roughness: 0.05 }),
  material("soil", 0.32, [112, 92, 68], { roughness: 0.03 }),
  material("plaster", 0.44, [212, 202, 182]),
  material("brick", 0.37, [150, 90, 72]),
  material("concrete", 0.4, [160, 158, 154]),
  material("bark", 0.34, [88, 70, 54]),
  material("foliage", 0.35, [58, 92, 40], { roughness: 0.04 }),
  material("metal", 0.3, [120, 124, 128], { gloss: 2 }),
  material("sign", 0.5, [206, 48, 40], { retroreflection: 0.9 }),
  material("paint-dark", 0.03, [36, 38, 44], { gloss: 2.5 }),
  material("paint-light", 0.62, [206, 208, 210], { gloss: 2 }),
  material("paint-silver", 0.56, [150, 154, 160], { gloss: 2.4 }),
  material("paint-red", 0.42, [148, 30, 32], { gloss: 2.5 }),
  material("paint-blue", 0.08, [36, 60, 116], { gloss: 3 }),
  material("glass", 0.025, [52, 62, 70], { gloss: 4, transmission: 0.75, tint: 0.75 }),
  material("tyre", 0.03, [26, 26, 28]),
  material("plate", 0.5, [224, 224, 212], { retroreflection: 0.9 }),
  material("lamp", 0.3, [196, 60, 48], { retroreflection: 0.55 }),
  material("skin", 0.48, [204, 156, 128]),
  material("cloth-dark", 0.32, [46, 50, 64]),
  material("cloth-light", 0.52, [190, 184, 172]),
  material("cloth-red", 0.46, [150, 44, 48]),
  material("window-pane", 0.05, [74, 84, 94], { gloss: 4, transmission: 0.5, tint: 0.3 }),
] as const;

export type MaterialName = (typeof TABLE)[number]["name"];

/** The surfaces of the world. A triangle's material is an index into this table. */
export const MATERIALS: readonly Material[] = TABLE;

/**
 * Where a material stands in {@link MATERIALS}.
 * @throws RangeError for a name that is not in the table
 */
export function materialIndex(name: MaterialName): number {
  const index = TABLE.findIndex((each) => each.name === name);
  if (index < 0) {
    throw new RangeError(
      `materialIndex: expected one of ${TABLE.map((each) => each.name).join(", ")} for name, got ${name}`,
    );
  }
  return index;
}

function material<Name extends string>(
  name: Name,
  reflectance: number,
  colour: readonly [number, number, number],
  {
    gloss = 0,
    retroreflection = 0,
    transmission = 0,
    tint = 0,
    roughness = 0,
  }: Partial<Pick<Material, "gloss" | "retroreflection" | "transmission" | "tint" | "roughness">> = {},
): Material & { readonly name: Name } {
  return { name, reflectance, gloss, retroreflection, transmission, tint, roughness, colour };
}
