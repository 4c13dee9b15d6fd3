import type { Group } from "./groups.js";

/** What one way of matching says of one class. Indices are those of the columns. */
export interface ClassMatches {
  readonly measures: readonly {
    readonly name: string;
    /** percent; only asked where the group has objects */
    readonly averagePrecision: (group: Group) => number;
  }[];
  /** The average precision of a perfect detector on so many objects, percent. */
  readonly ceiling: (objectCount: number) => number;
  /** Objects of the group that some detection finds, whatever its score. */
  readonly hitsOverall: (group: Group) => number;
  /** Matches and false detections among those of at least this score. */
  readonly atScore: (
    group: Group,
    score: number,
  ) => { readonly pairs: readonly { readonly g: number; readonly d: number }[]; readonly falsePositives: number };
}
