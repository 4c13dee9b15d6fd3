import { svg } from "./svg.js";

/** A box from above, with a line from its middle to its front; metres, y up. */
export function footprint([x, y, , length, width, , yaw]: readonly number[]): SVGElement {
  const at = `translate(${x} ${y}) rotate(${(180 * yaw) / Math.PI})`;
  const [l, w] = [length / 2, width / 2];
  return svg("path", { transform: at, d: `M${-l} ${-w}H${l}V${w}H${-l}ZM0 0H${l}` });
}
