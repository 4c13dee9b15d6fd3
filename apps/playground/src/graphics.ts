/** The part of WebGPU's API that is used here, beside what TensorFlow.js does with it. */
export interface GraphicsAdapter {
  readonly info: { readonly vendor: string; readonly architecture: string; readonly description: string };
}

export interface GraphicsDevice {
  readonly lost: Promise<{ readonly message: string }>;
  pushErrorScope(filter: (typeof FAULTS)[number]): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

/** What can go wrong with work that was accepted. */
export const FAULTS = ["validation", "internal", "out-of-memory"] as const;

/** The browser's graphics adapter, of whatever kind; null where it has none, or no WebGPU. */
export async function graphicsAdapter(): Promise<GraphicsAdapter | null> {
  const { gpu } = navigator as { gpu?: { requestAdapter(options: object): Promise<GraphicsAdapter | null> } };
  return (await gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null)) ?? null;
}

export function adapterName({ info: { vendor, architecture, description } }: GraphicsAdapter): string {
  return description || `${vendor} ${architecture}`.trim() || "an adapter without a name";
}
