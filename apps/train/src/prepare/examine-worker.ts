import { examineFrame } from "./examine-frame.js";

// The code of a thread that examines frames: what `prepareData` runs.

export default async function examineTask({ data, id }: { data: string; id: string }) {
  return examineFrame(data, id);
}
