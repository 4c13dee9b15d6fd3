import { checkAs, deepFreeze, parseYaml, printable, quoted } from "checked-text";
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { type Recipe, recipeSchema } from "./recipe-schema.js";

type Schema = z.core.$ZodType;

/**
 * A recipe with some of its fields changed, as the command line gives them.
 * @param changes `training.learningRate=1e-3`, in order: keys with dots between them, entries of lists by number from 0. The value is
 *   YAML, text as it stands where the field is a text; `null` leaves an optional field out
 * @throws Error that names the change, and the nearest field where there is none of that name
 */
export function setFields(recipe: Recipe, changes: readonly string[]): Recipe {
  return changes.reduce((changed, change) => setField(changed, change), recipe);
}

function setField(recipe: Recipe, change: string): Recipe {
  const place = `--set ${printable(change)}`;
  const equals = change.indexOf("=");
  if (equals < 1) throw new Error(`${place}: expected FIELD=VALUE, such as training.learningRate=1e-3`);
  const [field, text] = [change.slice(0, equals).trim(), change.slice(equals + 1)];
  const keys = field.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  const schema = keys.reduce<Schema | undefined>((parent, key) => parent && fieldOf(parent, key), recipeSchema);
  if (schema === undefined) {
    throw new Error(`${place}: expected a field of a recipe, got ${quoted(field)}; the nearest is ${nearest(keys)}`);
  }
  const value = plain(schema)._zod.def.type === "string" ? text : parseYaml(text, place);
  return deepFreeze(checkAs(withValue(recipe, keys, value), recipeSchema, place)) as Recipe;
}

/** A copy of a tree with the value at a path replaced, or left out where it is `null`. */
function withValue(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(node)) {
    return Object.assign([...node], { [key]: withValue(node[Number(key)], rest, value) });
  }
  const { [key]: old, ...others } = (node ?? {}) as Record<string, unknown>;
  const child = withValue(old, rest, value);
  return child === null ? others : { ...others, [key]: child };
}

/** A schema without what stands around it: optional, preprocessed. */
function plain(schema: Schema): z.core.$ZodTypes {
  const known = schema as z.core.$ZodTypes;
  const { def } = known._zod;
  if (def.type === "optional") return plain(def.innerType);
  return def.type === "pipe" ? plain(def.out) : known;
}

/** The schema of a key of a mapping or an entry of a list. */
function fieldOf(schema: Schema, key: string): Schema | undefined {
  const { def } = plain(schema)._zod;
  const isIndex = /^\d{1,6}$/.test(key);
  switch (def.type) {
    case "object":
      return Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
    case "record":
      return def.valueType;
    case "array":
      return isIndex ? def.element : undefined;
    case "tuple":
      return isIndex ? def.items[Number(key)] : undefined;
    case "union":
      return def.options.map((option) => fieldOf(option, key)).find((found) => found !== undefined);
    default:
      return undefined;
  }
}

/** Every field of a schema, entries of lists as 0. */
function* fieldsOf(schema: Schema, path: readonly string[] = []): Generator<readonly string[]> {
  const { def } = plain(schema)._zod;
  if (path.length > 0) yield path;
  if (def.type === "object") {
    for (const [key, child] of Object.entries(def.shape)) yield* fieldsOf(child, [...path, key]);
  } else if (def.type === "array") yield* fieldsOf(def.element, [...path, "0"]);
  else if (def.type === "union") for (const option of def.options) yield* fieldsOf(option, path);
}

/** The field that is most like the one asked for: by all of its name, or by the last part alone. */
function nearest(keys: readonly string[]): string {
  const asked = keys.map((key) => (/^\d+$/.test(key) ? "0" : key));
  const unlike = (path: readonly string[]) =>
    Math.min(distance(path.join("."), asked.join(".")), 1 + distance(path.at(-1)!, asked.at(-1)!));
  const paths = [...fieldsOf(recipeSchema)];
  return paths.reduce((best, path) => (unlike(path) < unlike(best) ? path : best)).join(".");
}
