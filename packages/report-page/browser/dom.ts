type Attributes = Readonly<Record<string, string | number | boolean>>;
type Child = Node | string;

/** An element with attributes and children. Text is only ever set as text, so that data cannot become markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** The data that the page was made with. */
export function pageData<T>(): T {
  return JSON.parse(document.getElementById("page-data")!.textContent!) as T;
}

/** A section with a heading and a sentence or two on what it shows. */
export function section(id: string, title: string, text: string, ...children: readonly Child[]): HTMLElement {
  const made = element("section", { id, "aria-labelledby": `${id}-title` });
  made.append(element("h2", { id: `${id}-title` }, title));
  if (text !== "") made.append(element("p", { class: "lead" }, text));
  made.append(...children);
  return made;
}

/** A drop-down list with its label. */
export function select<T extends string>(
  label: string,
  options: readonly (readonly [value: T, name: string])[],
  onChange: (value: T) => void,
): HTMLLabelElement {
  const list = element("select", {}, ...options.map(([value, name]) => element("option", { value }, name)));
  list.addEventListener("change", () => onChange(list.value as T));
  return element("label", { class: "control" }, element("span", {}, label), list);
}
