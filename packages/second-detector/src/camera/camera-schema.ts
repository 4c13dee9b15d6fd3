import * as z from "zod";
import { LIMITS } from "../config/config-limits.js";
import type { CameraConfig } from "./camera-config.js";

/** What the block `camera` of a configuration must be: types and ranges, then the rules between fields. */
export const cameraSchema: z.ZodType<CameraConfig> = /* @__PURE__ */ buildCameraSchema();

/** In a function, so that who bundles something else of this package gets no schemas with it. */
function buildCameraSchema(): z.ZodType<CameraConfig> {
  const channels = z.int().positive().max(LIMITS.channels);
  const colour = z.number().min(-LIMITS.factor).max(LIMITS.factor);
  const number3 = z.tuple([colour, colour, colour]);
  const positive = z.number().positive().max(LIMITS.factor);
  const positive3 = z.tuple([positive, positive, positive]);
  const stage = z.int().min(1).max(4);
  /** Pixels; larger images would not fit into memory. */
  const side = z.int().min(32).max(8192);
  const bounds = z.tuple([side, side]);
  const dropout = z.number().min(0).lt(1);

  return z
    .strictObject({
      image: z.strictObject({
        testSize: bounds,
        trainSizes: z.tuple([bounds, bounds]),
        order: z.enum(["rgb", "bgr"]),
        mean: number3,
        deviation: positive3,
        multiple: z.int().positive().max(1024),
      }),
      resnet: z.strictObject({
        width: channels,
        outputs: z.tuple([stage, stage]),
        frozenStages: z.int().min(0).max(4),
      }),
      fpn: z.strictObject({ channels }),
      alignment: z.discriminatedUnion(
        "kind",
        [
          z.strictObject({ kind: z.literal("resize") }),
          z.strictObject({ kind: z.literal("project"), height: z.number().min(-LIMITS.metres).max(LIMITS.metres) }),
        ],
        { error: "expected resize or project" },
      ),
      fusion: z.discriminatedUnion(
        "kind",
        [
          z.strictObject({ kind: z.literal("concat"), channels, dropout }),
          z.strictObject({
            kind: z.literal("graph"),
            channels,
            dropout,
            embedding: z.strictObject({ width: channels, dimensions: z.int().min(2).max(LIMITS.channels) }),
            layers: z.int().min(0).max(LIMITS.entries),
            join: z.enum(["last", "all"]),
          }),
        ],
        { error: "expected concat or graph" },
      ),
    })
    .superRefine(({ image, resnet }, context) => {
      const fault = (path: (string | number)[], expected: string) =>
        context.addIssue({ code: "custom", path, message: expected });
      const [finer, coarser] = resnet.outputs;
      if (coarser <= finer) fault(["resnet", "outputs", 1], `expected a stage after ${finer}`);
      const [smallest, largest] = image.trainSizes;
      const sizes = { testSize: image.testSize, "trainSizes.0": smallest, "trainSizes.1": largest };
      for (const [path, [longest, shortest]] of Object.entries(sizes)) {
        if (shortest > longest) fault(["image", ...path.split("."), 1], `expected at most the longest side ${longest}`);
      }
      for (const i of [0, 1]) {
        if (largest[i] < smallest[i]) fault(["image", "trainSizes", 1, i], `expected at least ${smallest[i]}`);
      }
    });
}
