import type { MeanInterval, PairedDifference } from "./statistics.js";

// Statistics as cells of tables have them; null, which is shown as a dash, where there is no value.

/** `41.20 (38.10 to 44.30)` */
export function formatInterval({ count, mean, low, high }: MeanInterval, digits = 2): string | null {
  if (count === 0 || Number.isNaN(mean)) return null;
  const text = (value: number) => value.toFixed(digits).replace("-", "−");
  return count === 1 ? text(mean) : `${text(mean)} (${text(low)} to ${text(high)})`;
}

/** `+1.20 (−2.10 to +4.50), p 0.330` */
export function formatDifference({ count, mean, low, high, p }: PairedDifference, digits = 2): string | null {
  if (count === 0 || Number.isNaN(mean)) return null;
  if (count === 1) return formatSigned(mean, digits);
  return `${formatSigned(mean, digits)} (${formatSigned(low, digits)} to ${formatSigned(high, digits)}), p ${formatP(p)}`;
}

/** `+1.20`, `−2.10` */
export function formatSigned(value: number, digits = 2): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

export function formatNumber(value: number): string | null {
  return Number.isNaN(value) ? null : value.toFixed(2);
}

/** `0.012`, `< 0.001` */
export function formatP(p: number): string | null {
  if (Number.isNaN(p)) return null;
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
