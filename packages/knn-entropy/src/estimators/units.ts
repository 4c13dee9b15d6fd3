/** Unit of an information: natural or binary logarithms. */
export type Units = "nats" | "bits";

/** What one nat is in the unit. @throws RangeError for an unknown unit */
export function perNat(where: string, units: Units): number {
  if (units === "nats") return 1;
  if (units === "bits") return Math.LOG2E;
  throw new RangeError(`${where}: expected nats or bits for units, got ${String(units)}`);
}
