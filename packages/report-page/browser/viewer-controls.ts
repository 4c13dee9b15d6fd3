import { element, select } from "./dom.js";

/** A check box with a piece of the colour that it stands for. */
export interface CheckboxOptions {
  readonly name: string;
  readonly colour?: string | undefined;
  /** the lines of that colour are */
  readonly dashed?: boolean;
  readonly checked?: boolean;
  readonly onChange: (on: boolean) => void;
}

export function checkbox({ name, colour, dashed, checked = true, onChange }: CheckboxOptions): HTMLLabelElement {
  const box = element("input", { type: "checkbox", checked });
  box.addEventListener("change", () => onChange(box.checked));
  const made = element("label", { class: "toggle" }, box);
  if (colour !== undefined) made.append(key(colour, dashed));
  made.append(name);
  return made;
}

/** A piece of a colour on the ground of the views. */
export function key(colour: string, dashed = false): HTMLElement {
  return element("span", { class: dashed ? "key dashed" : "key", "aria-hidden": "true", style: `--key: ${colour}` });
}

/** The frame to show: a list, and buttons for the one before and the next. */
export function frameControls(ids: readonly string[], show: (frame: number) => void): HTMLElement {
  const names = ids.map((id, i) => [String(i), id] as const);
  const chooser = select("Scan", names, (value) => show(Number(value)));
  const list = chooser.querySelector("select")!;
  const step = (by: number) => {
    list.value = String((Number(list.value) + by + ids.length) % ids.length);
    show(Number(list.value));
  };
  const buttons = [button("‹", () => step(-1), "Scan before"), button("›", () => step(1), "Next scan")];
  return element("div", { class: "frames" }, chooser, ...buttons);
}

export function thresholdControl(threshold: number, onChange: (threshold: number) => void): HTMLLabelElement {
  const slider = element("input", { type: "range", min: 0, max: 1, step: 0.05, value: threshold });
  const shown = element("output", {}, threshold.toFixed(2));
  slider.addEventListener("input", () => {
    shown.textContent = Number(slider.value).toFixed(2);
    onChange(Number(slider.value));
  });
  return element("label", { class: "control" }, element("span", {}, "Score ≥"), slider, shown);
}

export function button(text: string, onClick: () => void, label = text): HTMLButtonElement {
  const made = element("button", { type: "button", "aria-label": label }, text);
  made.addEventListener("click", onClick);
  return made;
}
