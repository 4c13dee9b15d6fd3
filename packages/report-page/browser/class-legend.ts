import { element } from "./dom.js";
import { counted, type SourceBoxes } from "./shown-boxes.js";
import { checkbox } from "./viewer-controls.js";

/** A line for each class: its colour, its name and how many boxes of it each source has. Its check box shows or hides it. */
export class ClassLegend {
  readonly node = element("ul", { class: "classes", "aria-label": "Classes" });
  private readonly onToggle: (type: string, on: boolean) => void;
  private counts: ReadonlyMap<string, HTMLElement> = new Map();

  constructor(onToggle: (type: string, on: boolean) => void) {
    this.onToggle = onToggle;
  }

  /** @param colourOf undefined where colours stand for something else */
  setClasses(
    classes: readonly string[],
    { hidden, colourOf }: { hidden: ReadonlySet<string>; colourOf: (type: string) => string | undefined },
  ): void {
    this.counts = new Map(classes.map((type) => [type, element("span", { class: "counts" })]));
    const items = [...this.counts].map(([type, count]) => {
      const onChange = (on: boolean) => this.onToggle(type, on);
      const toggle = checkbox({ name: type, colour: colourOf(type), checked: !hidden.has(type), onChange });
      toggle.append(" ", count);
      return element("li", {}, toggle);
    });
    this.node.replaceChildren(...items);
  }

  /** @param lists of all classes, whether they are hidden or not */
  setCounts(lists: readonly SourceBoxes[]): void {
    for (const [type, count] of this.counts) {
      const each = lists.map(({ name, boxes }) => counted(boxes.filter((box) => box.type === type).length, name));
      count.textContent = each.join(", ");
    }
  }
}
