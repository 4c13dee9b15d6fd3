import { useBackend } from "eloss/step";

/**
 * Takes the backend `simd` with products of bfloat16.
 * @throws Error saying why, where it has none: what it would measure is float32
 */
export async function requireBf16(): Promise<void> {
  const { precision, notes } = await useBackend("simd", { precision: "bf16" });
  if (precision !== "bf16") throw new Error(`--precision bf16: ${notes.join("; ")}`);
}
