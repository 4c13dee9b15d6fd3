import type { EntropyProfile } from "./entropy-profile.js";

/** Longest bar, in characters. */
const WIDTH = 24;

/**
 * A profile as text: one line per tap with H, ΔH and a bar from the lowest to the highest entropy of its block, then L1
 * of the block; the sums last. For logs and terminals.
 */
export function formatEntropyProfile({ blocks, l1, l2, loss }: EntropyProfile): string {
  const lines: string[] = [];
  for (const { block, entropies, differences, l1: own } of blocks) {
    lines.push(`block ${block}   L1 ${scientific(own)}`);
    const low = Math.min(...entropies);
    const span = Math.max(...entropies) - low;
    entropies.forEach((value, tap) => {
      const change = tap === 0 ? "" : signed(differences[tap - 1]);
      const share = span > 0 ? (value - low) / span : 0;
      const bar = "█".repeat(1 + Math.round(share * (WIDTH - 1)));
      lines.push(`  ${tap}  H ${signed(value)}  ΔH ${change.padStart(9)}  ${bar}`);
    });
  }
  lines.push(`L1 ${scientific(l1)}   L2 ${scientific(l2)}   loss ${scientific(loss)}`);
  return lines.join("\n");
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(5)}`;
}

function scientific(value: number): string {
  return value.toExponential(3);
}
