import { basename, join } from "node:path";
import { pretrainedNames } from "second-weights";
import type { Findings, FindingsJob } from "../experiment/experiment.js";
import { openDataSource } from "../frames/open-data-source.js";
import {
  conditionsTable,
  harmTable,
  kindsTable,
  type NamedStudy,
  otherDataTable,
  overallTable,
  strengthChart,
  studySeparations,
} from "./analyse-unusual.js";
import { precisionOf } from "./condition-precision.js";
import { CLEAN, corruptedConditions, sensorConditions } from "./conditions.js";
import { type FrameSet, type MeasuredSubject, measureSubjects, type SetReadings } from "./measure-unusual.js";
import { publishedSubject, runSubject, type Subject } from "./subject.js";

/** What the published detectors and the runs that were named say of corrupted scans. */
export async function unusualFindings({ setup, probed, signal }: FindingsJob): Promise<Findings> {
  const published = pretrainedNames.filter((name) => !name.endsWith("-full")); // the scans are what a camera sees
  const subjects = [...published.map(publishedSubject), ...probed.runs.map((run) => runSubject(run))];
  requireDifferentNames(subjects);
  const data = openDataSource(setup.data);
  const sensors = sensorConditions(setup.data);
  const sets: FrameSet[] = [
    { name: "reference", data, frames: setup.frames, conditions: [] },
    { name: "simulated", data, frames: setup.validationFrames, conditions: [...corruptedConditions, ...sensors] },
  ];
  if (probed.otherData !== undefined) {
    const other = openDataSource(probed.otherData);
    const name = basename(other.root);
    sets.push({ name, data: other, frames: other.ids, conditions: corruptedConditions });
  }
  for (const { data: source, frames } of sets) await source.require(frames);
  const measured = await measureSubjects(subjects, sets, {
    folder: join(setup.out, "unusual-input", "readings"),
    signal,
  });
  return tabulate(measured, sets);
}

function tabulate(measured: readonly MeasuredSubject[], sets: readonly FrameSet[]): Findings {
  const clean = ({ byCondition }: SetReadings) => byCondition.get(CLEAN.name)!;
  const studies = sets.slice(1).flatMap(({ name: set, conditions }, i) =>
    measured.map(({ subject: { name, config }, readings: [reference, ...others] }): NamedStudy => {
      const study = studySeparations(clean(reference), others[i].byCondition, conditions);
      const precision = precisionOf(others[i], config);
      return { subject: name, set, study, precision: (condition) => precision(condition.name) };
    }),
  );
  const others = sets.slice(2).map(({ name }, i) =>
    otherDataTable(
      measured.map(({ subject, readings: [reference, usual, ...rest] }) => {
        return { subject: subject.name, reference: clean(reference), usual: clean(usual), other: clean(rest[i]) };
      }),
      name,
    ),
  );
  return {
    charts: studies.map(strengthChart),
    tables: [
      overallTable(studies),
      kindsTable(studies),
      harmTable(studies),
      ...others,
      ...studies.map(conditionsTable),
    ],
  };
}

function requireDifferentNames(subjects: readonly Subject[]): void {
  const names = subjects.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`--run: expected folders of different names, got ${twice} twice`);
}
