import * as z from "zod";

const metres = z.number();

/**
 * How the entropies of a detector's layers are on scans like those that it learnt from: with it an `EntropyMonitor` of
 * entropy-loss tells a scan that is unlike them.
 */
export const usualEntropiesSchema = /* @__PURE__ */ z.strictObject({
  /** what `EntropyMonitor.fromJSON` takes */
  monitor: z.unknown(),
  /** deviation above which a scan is unlike them; of scans like them one in twenty lies above it */
  threshold: z.number().positive(),
  /** x, y, z from and to in metres: the range that the detector learnt on and they were measured over, on which they depend */
  pointRange: z.tuple([metres, metres, metres, metres, metres, metres]),
});

/** Usual entropies of a detector's layers. */
export type UsualEntropies = Readonly<z.infer<typeof usualEntropiesSchema>>;
